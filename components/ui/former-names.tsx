import { Name } from "@/components/ui/name";
import { PrincipalName, type PrincipalNameProps } from "@/components/ui/principal-name";
import { ReaderDay } from "@/components/ui/reader-day";
import { formerOf, formerText, type PrincipalIdentity } from "@/lib/domain/people/principal-identity";

/** A principal with its recent former names, for places where somebody decides, confirms or chooses. */
export function PrincipalWithFormer(props: Omit<PrincipalNameProps, "after">) {
  return <PrincipalName {...props} after={formerText(props.of) ? <FormerNames of={props.of} /> : null} />;
}

/** The principal's recent former names and addresses. */
export function FormerNames({ of: principal }: { readonly of: PrincipalIdentity }) {
  return formerOf(principal).map(({ words, value, until }) => (
    <span key={`${words} ${until}`} className="badge badge-warning former">
      <span>
        {words} <Name of={value} /> until <ReaderDay of={until} />
      </span>
    </span>
  ));
}
