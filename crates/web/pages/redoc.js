"use strict";

Redoc.init(new URL("../../api/v1/openapi.json", document.currentScript.src).href, {}, document.getElementById("redoc"));
