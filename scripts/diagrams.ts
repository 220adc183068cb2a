import { writeFileSync } from "node:fs";
import { requestStatesDocument } from "../lib/domain/requests/request-state";

// Writes the documents that are generated from the code.
writeFileSync(new URL("../docs/request-states.md", import.meta.url), requestStatesDocument());
