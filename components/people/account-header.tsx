import { LinkTabs, PageHeader } from "@/components/ui/page-parts";

/** The parts of the reader's account. */
const parts = {
  "/account": "Profile",
  "/account/security": "Factors",
  "/account/sessions": "Sessions",
  "/account/notifications": "Notifications",
} as const;

/** The head of a part of the account, with links to the other parts. */
export function AccountHeader(props: { at: keyof typeof parts; description: React.ReactNode }) {
  return (
    <>
      <PageHeader title={parts[props.at]} description={props.description} />
      <LinkTabs
        label="Your account"
        tabs={Object.entries(parts).map(([href, label]) => ({ href, label, current: href === props.at }))}
      />
    </>
  );
}
