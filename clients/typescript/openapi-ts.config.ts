import { defineConfig } from '@hey-api/openapi-ts';

// `generate` writes the document of the program beside this file first, and another folder may be asked for to compare.
export default defineConfig({
  input: process.env.KAIROS_OPENAPI ?? 'openapi.json',
  output: {
    path: process.env.KAIROS_CLIENT ?? 'src',
    // As Node.js resolves modules.
    importFileExtension: '.js',
  },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
