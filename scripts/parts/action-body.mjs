/** A reference to a part of a form, as React writes it; in a body that is no form there is none but the root, `0`. */
const reference = /^\$[A-Zhi@]?([0-9a-f]+)(?::|$)/;

function refersElsewhere(value) {
  if (typeof value === "string") return (reference.exec(value)?.[1] ?? "0") !== "0";
  return typeof value === "object" && value !== null && Object.values(value).some(refersElsewhere);
}

/** Whether these are the arguments of an action, as a page's own script writes them: a whole form, or a JSON array. */
function isWellFormed(contentType, body) {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(contentType)?.[1];
  if (boundary !== undefined) return body.includes(`--${boundary}--`);
  try {
    const given = JSON.parse(body.toString("utf8"));
    return Array.isArray(given) && !refersElsewhere(given);
  } catch {
    return false;
  }
}

/**
 * Waits for the body of an action's call and lets it through when it can be read; answers with 400 otherwise, which Next
 * would take for a fault of its own. Resolves with whether the request goes on.
 */
export function readableAction(request, response) {
  return new Promise((resolve) => {
    const push = request.push.bind(request);
    const chunks = [];
    request.push = (chunk) => {
      if (chunk !== null) {
        chunks.push(chunk);
        return true;
      }
      request.push = push;
      const body = Buffer.concat(chunks);
      const readable = isWellFormed(request.headers["content-type"] ?? "", body);
      if (readable && body.length > 0) push(body);
      push(null);
      // Somebody may have answered without waiting for the body.
      if (!readable && !response.headersSent)
        response.writeHead(400, { "content-type": "text/plain" }).end("This request makes no sense.");
      resolve(readable);
      return true;
    };
    request.once("close", () => resolve(false));
  });
}
