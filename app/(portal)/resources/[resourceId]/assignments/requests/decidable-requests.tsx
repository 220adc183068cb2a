import { ExtensionSelection } from "@/components/assignments/extension-selection";
import { RequestTable, selectableRequests } from "@/components/assignments/request-table";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import { decide, decideSeveral, prepareDecision, prepareSeveral, previewSeveral } from "./actions";

/**
 * A page of the requests to extend or renew that wait, to be decided one by one or several together. It stays when the
 * last of them is decided, so that the report does.
 */
export function DecidableRequests(props: {
  /** Names the list and whose selection it is. */
  list: string;
  rows: readonly ExtensionRequest[];
  now: Date;
  /** Whether there are several to select among. */
  selecting: boolean;
  hasFactor: boolean;
  returnPath: string;
  /** What stands in the place of the list when it is empty. */
  children: React.ReactNode;
}) {
  const { rows, selecting, hasFactor, returnPath } = props;
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
        props.children
      ) : (
        <RequestTable
          rows={rows}
          now={props.now}
          selecting={selecting}
          hasFactor={hasFactor}
          submit={decide}
          prepare={prepareDecision}
          returnPath={returnPath}
        />
      )}
    </ExtensionSelection>
  );
}
