import { randomUUID } from "node:crypto";
import { application } from "@/lib/platform/application";
import { logContext } from "@/lib/platform/log-context";
import { answerScim } from "@/lib/scim/answer-scim";

/** All requests of directories (docs/directories.md). No cookie is read: only the token of a directory counts. */
async function answer(request: Request): Promise<Response> {
  const { database, configuration } = application();
  const { headers } = request;
  return answerScim(database, request, {
    ipAddress: (headers.get("x-postern-client-address") ?? "unknown").slice(0, 64),
    userAgent: (headers.get("user-agent") ?? "").slice(0, 300),
    correlationId: logContext()?.correlationId ?? randomUUID(),
    base: `${configuration.publicUrl}/scim/v2`,
  });
}

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
};
