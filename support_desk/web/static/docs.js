"use strict";
window.addEventListener("DOMContentLoaded", () => {
  const reader = document.getElementById("reader");
  window.SwaggerUIBundle({
    domNode: reader,
    url: reader.dataset.document,
    deepLinking: true,
    docExpansion: "list",
    supportedSubmitMethods: [],
    validatorUrl: null,
  });
});
