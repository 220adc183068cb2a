import { csvOf } from "@/components/figures/chart-frame";
import { CsvLink } from "@/components/figures/drawn-frame";
import { KindsTable } from "@/components/figures/kinds-table";
import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import type { AccessFigures, Compared, KindFigures } from "@/lib/domain/figures/access-figures";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { accessAddress } from "@/lib/web/access-address";

const title = "Users and groups";
const kindsInWords: Readonly<Record<PrincipalType, string>> = {
  User: "Users",
  Group: "Groups",
  ServicePrincipal: "Service principals",
};

interface FigureRow {
  readonly label: string;
  /** What the figure is compared with. */
  readonly earlier: string;
  readonly filter: Partial<AccessFilter>;
  readonly of: (kind: KindFigures) => Compared;
}

const rows: readonly FigureRow[] = [
  ...(["Eligible", "Assigned", "Activated"] as const).map((state) => ({
    label: { Eligible: "Eligible", Assigned: "Active, assigned", Activated: "Active, activated" }[state],
    earlier: "a week ago",
    filter: { state },
    of: ({ states }: KindFigures) => states[state],
  })),
  {
    label: "New in 30 days",
    earlier: "the 30 days before",
    filter: { when: "any", createdWithinDays: 30 },
    of: ({ made }) => made,
  },
];

const nothing: Compared = { now: 0, before: 0 };

/**
 * What users hold and what groups hold, each figure with its change and its list. Service principals too, if
 * there are any.
 */
export function KindsCard(props: {
  figures: AccessFigures;
  place: Pick<AccessFilter, "resourceId" | "below">;
}) {
  const { kinds } = props.figures;
  const shown = (Object.keys(kindsInWords) as PrincipalType[]).filter(
    (kind) => kind !== "ServicePrincipal" || kinds.some((each) => each.kind === kind),
  );
  const figureOf = (row: FigureRow, kind: PrincipalType) => {
    const found = kinds.find((each) => each.kind === kind);
    return found ? row.of(found) : nothing;
  };
  const data = {
    head: ["Assignments", ...shown.flatMap((kind) => [kindsInWords[kind], `${kindsInWords[kind]}, before`])],
    rows: rows.map((row) => [
      { text: row.label },
      ...shown.flatMap((kind) => {
        const { now, before } = figureOf(row, kind);
        return [{ text: now }, { text: before }];
      }),
    ]),
  };
  return (
    <figure aria-label={title} className="card @container m-0 flex flex-col" id="users-and-groups">
      <div className="mb-1 flex items-start gap-x-3">
        <h2 className="min-w-0 grow">{title}</h2>
        <div className="-mt-1 -mr-2 flex shrink-0">
          <CsvLink id="users-and-groups" title={title} href={csvOf(data)} />
        </div>
      </div>
      <p className="mb-3 text-muted">
        Totals are compared with a week ago, new ones with the 30 days before.
      </p>
      <KindsTable
        kinds={shown.map((kind) => ({ kind, label: kindsInWords[kind] }))}
        rows={rows.map((row) => ({
          label: row.label,
          earlier: row.earlier,
          address: accessAddress({ ...props.place, ...row.filter }),
          figures: shown.map((kind) => {
            const { now, before } = figureOf(row, kind);
            return [now, before] as const;
          }),
        }))}
      />
    </figure>
  );
}
