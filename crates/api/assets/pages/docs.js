"use strict";

SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Otherwise the document is sent to a validator on another host.
  validatorUrl: null,
});
