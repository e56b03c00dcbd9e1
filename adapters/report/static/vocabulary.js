// The words of the page: exit reasons, fields and figures as the server defines them. None is typed here.

import { get } from "./api.js";

export const words = await get("/api/vocabulary");
