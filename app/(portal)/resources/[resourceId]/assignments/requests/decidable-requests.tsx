import { ExtensionSelection } from "@/components/assignments/extension-selection";
import { RequestTable, selectableRequests } from "@/components/assignments/request-table";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import { opensHistories } from "../../../../audit/histories";
import { decide, decideSeveral, prepareDecision, prepareSeveral, previewSeveral } from "./actions";

/**
 * A page of waiting requests to extend or renew, decided one by one or together. It stays mounted when the last one is
 * decided, so that the report stays visible.
 */
export async function DecidableRequests(
  props: Pick<React.ComponentProps<typeof RequestTable>, "total" | "pages"> & {
    /** Identifies the list and the person, so that selections are kept apart. */
    list: string;
    rows: readonly ExtensionRequest[];
    now: Date;
    /** Whether several rows can be selected. */
    selecting: boolean;
    hasFactor: boolean;
    returnPath: string;
    /** Shown when the list is empty. */
    children: React.ReactNode;
  },
) {
  const { rows, selecting, hasFactor, returnPath } = props;
  const histories = await opensHistories();
  return (
    <ExtensionSelection
      list={props.list}
      rows={selecting ? selectableRequests(rows) : []}
      maximum={maximumRows}
      selecting={selecting && selectableRequests(rows).length > 0}
      hasFactor={hasFactor}
      returnPath={returnPath}
      preview={previewSeveral}
      prepare={prepareSeveral}
      run={decideSeveral}
    >
      {rows.length === 0 ? (
        <ListFrame pages={props.pages}>{props.children}</ListFrame>
      ) : (
        <RequestTable
          rows={rows}
          total={props.total}
          pages={props.pages}
          now={props.now}
          selecting={selecting}
          hasFactor={hasFactor}
          submit={decide}
          prepare={prepareDecision}
          returnPath={returnPath}
          histories={histories}
          linked
        />
      )}
    </ExtensionSelection>
  );
}
