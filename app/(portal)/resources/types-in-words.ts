import { cache } from "react";
import { application } from "@/lib/platform/application";
import { ownTypes } from "@/lib/queries/resources/own-types";
import { requireCaller } from "@/lib/web/request";

/** The organisation's types of resources. Read once for all parts of a page. */
export const typesInWords = cache(async () => ownTypes(application().database, await requireCaller()));
