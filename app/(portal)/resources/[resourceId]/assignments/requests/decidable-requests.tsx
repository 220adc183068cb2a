import { ExtensionSelection } from "@/components/assignments/extension-selection";
import { RequestTable, selectableRequests } from "@/components/assignments/request-table";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import { decide, decideSeveral, prepareDecision, prepareSeveral, previewSeveral } from "./actions";

/**
 * A page of waiting requests to extend or renew, decided one by one or together. It stays mounted when the last one is
 * decided, so that the report stays visible.
 */
export function DecidableRequests(props: {
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
