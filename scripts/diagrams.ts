import { writeFileSync } from "node:fs";
import { requestStatesDocument } from "../lib/domain/requests/request-state";
import { architectureDocument } from "./architecture-picture";

// Writes what the documents show of the code.
writeFileSync(new URL("../docs/request-states.md", import.meta.url), requestStatesDocument());
writeFileSync(new URL("../docs/architecture.md", import.meta.url), architectureDocument());
