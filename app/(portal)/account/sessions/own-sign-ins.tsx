import { methodInWords } from "@/components/people/session-table";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { TableRegion } from "@/components/ui/page-parts";
import { Section } from "@/components/ui/section";
import { browserInWords } from "@/lib/domain/people/browser";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { ownSignIns, signInDays } from "@/lib/queries/people/sign-ins";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";

/** The reader's sign-ins, and the attempts that were refused. */
export async function OwnSignIns({ caller, query }: { caller: Caller; query: Query }) {
  const { rows, next } = await ownSignIns(application().database, caller, oneId(query, "before"));
  const path = "/account/sessions";
  const pages = pageLinks({
    ...{ query, cursor: "before", next },
    address: (cursor) => (cursor ? `${path}?before=${cursor}` : path),
  });
  return (
    <Section id="sign-ins-heading" title="Sign-ins" className="mt-8">
      <p className="mb-2 text-muted">
        The last {signInDays} days. If you do not recognise one, change your password and tell your
        administrators.
      </p>
      <ListFrame pages={pages}>
        <TableRegion
          label="When and where you signed in"
          head={["Time", "Result", "Browser", "Address", "By"]}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Moment value={row.occurredAt} />
              </td>
              <td>
                {row.outcome === "Success" ? (
                  "Signed in"
                ) : (
                  <span className="badge badge-danger">
                    {row.attempts === 1 ? "Refused" : `Refused ${row.attempts} times`}
                  </span>
                )}
              </td>
              <td title={row.userAgent ?? undefined} className="wrap-anywhere">
                {browserInWords(row.userAgent ?? "")}
              </td>
              <td>{row.ipAddress ?? "–"}</td>
              <td className="wrap-anywhere">{methodInWords(row.method, row.provider)}</td>
            </tr>
          ))}
        </TableRegion>
      </ListFrame>
    </Section>
  );
}
