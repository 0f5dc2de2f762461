// What a page of a document can do beside being read. Without this file everything
// in it still works: it only adds.
"use strict";
