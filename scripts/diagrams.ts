import { writeFileSync } from "node:fs";
import { requestStatesDocument } from "../lib/domain/request-state";

// Writes the documents that are generated from the code.
writeFileSync(new URL("../docs/request-states.md", import.meta.url), requestStatesDocument());
