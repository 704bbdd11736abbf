"use strict";

const address = new URL("../../api/v1/openapi.json", document.currentScript.src);

/* Swagger UI resolves some addresses in the document against the page, so they are made absolute before. */
fetch(address)
  .then((answer) => answer.json())
  .then((spec) => {
    const server = new URL(spec.servers[0].url, address);
    spec.servers = [{ url: server.href.replace(/\/$/, "") }];
    for (const { flows } of Object.values(spec.components.securitySchemes)) {
      for (const flow of Object.values(flows ?? {})) flow.tokenUrl = new URL(flow.tokenUrl, server).href;
    }
    SwaggerUIBundle({
      spec,
      dom_id: "#swagger-ui",
      deepLinking: true,
      // Otherwise the document is sent to a validator on another host.
      validatorUrl: null,
    });
  });
