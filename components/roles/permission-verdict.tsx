import { Icon } from "@/components/ui/icon";

/** Whether it is allowed, with the sentence that says why. */
export function VerdictLine({ allowed, children }: { allowed: boolean; children: React.ReactNode }) {
  return (
    <p
      className={`flex items-start gap-2 rounded-md px-3 py-2 wrap-anywhere ${allowed ? "bg-success-tint text-success" : "bg-danger-tint text-danger"}`}
    >
      {allowed ? (
        <Icon name="circle-check" size={17} className="mt-0.5 shrink-0" />
      ) : (
        <Icon name="circle-x" size={17} className="mt-0.5 shrink-0" />
      )}
      <span>{children}</span>
    </p>
  );
}

/** The fields of an operation to test. It is a plain form, so that each test has an address. */
export function OperationFields({ operation, kind }: { operation: string; kind: string }) {
  return (
    <>
      <label className="grow basis-72">
        <span className="label">Operation</span>
        <input
          className="input font-mono"
          name="operation"
          defaultValue={operation}
          maxLength={300}
          spellCheck={false}
          autoComplete="off"
          placeholder="Microsoft.Web/sites/write"
          required
        />
      </label>
      <label>
        <span className="label">Kind</span>
        <select className="input" name="kind" defaultValue={kind}>
          <option value="action">Action</option>
          <option value="dataAction">Data action</option>
        </select>
      </label>
    </>
  );
}
