import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import type { OpenStageNow } from "@/lib/queries/requests/request-story";
import type { RequestRow } from "@/lib/queries/requests/requests";

/** Who may decide a waiting request now, and until when. */
export function WhoDecides(props: { readonly request: RequestRow; readonly stage: OpenStageNow | null }) {
  const { request, stage } = props;
  if (request.status !== "PendingApproval") return null;
  const moreTime = request.requestType !== "SelfActivate" && !extendsActivation(request);
  return (
    <section className="card grid min-w-0 gap-2" aria-labelledby="request-deciders">
      <h2 id="request-deciders">Who may decide now</h2>
      {moreTime ? (
        <p>
          Administrators of <Name of={request.resourceName} /> who may assign this role. Nobody decides on
          their own request.
        </p>
      ) : (
        <>
          {request.deciders.length > 0 ? (
            <ul className="grid gap-1">
              {request.deciders.map((each) => (
                <li key={each.id} className="wrap-anywhere">
                  <PrincipalWithFormer of={each} inline />
                </li>
              ))}
            </ul>
          ) : null}
          {stage?.administratorsToo ? (
            <p>
              Too few of them can decide, so active administrators of <Name of={request.resourceName} /> may
              decide as well.
            </p>
          ) : null}
          <p className="text-muted">
            {request.stages !== null && request.stages > 1
              ? `Stage ${request.stage} of ${request.stages}. `
              : ""}
            {stage
              ? `${stage.given} of ${stage.needed} ${stage.needed === 1 ? "approval" : "approvals"}. `
              : ""}
            {request.expiresAt ? (
              <>
                Until <Moment value={request.expiresAt} />
              </>
            ) : null}
          </p>
        </>
      )}
    </section>
  );
}
