#!/usr/bin/env bash
# Writes the generated files anew: the API's document from the routes, and the
# TypeScript types from the document.
set -euo pipefail
cd "$(dirname "$0")/.."

CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -o bin/youyue ./cmd/youyue
# By way of a second file: a failure must not leave half a document.
bin/youyue openapi >bin/openapi.json
mv bin/openapi.json docs/openapi.json
scripts/web.sh types
