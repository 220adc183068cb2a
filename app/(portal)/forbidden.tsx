import { NotFoundInFrame } from "@/components/shell/frame";

/** For pages without a nearer one. It does not tell what exists from what does not. */
export default function Forbidden() {
  return <NotFoundInFrame />;
}
