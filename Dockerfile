# The image holds one static binary, the certificates to call out with, and an
# empty /data: no shell, no package manager, not root.
#
#   docker build -t youyue .
#   docker run -p 127.0.0.1:8080:8080 -e YOUYUE_DEMO=on youyue
#   docker run -p 8080:8080 -v youyue:/data -v /etc/youyue/secret:/secret:ro \
#     -e YOUYUE_SECRET_FILE=/secret -e YOUYUE_BASE_URL=https://youyue.example.org youyue
# (the secret must be readable by user 65532)

FROM node:20-bookworm-slim AS web
WORKDIR /src/app/web
COPY app/web/package.json app/web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY app/web/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/app/web/dist/ app/web/dist/
# timetzdata puts the time zones into the binary: the final image has none.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -ldflags='-s -w' -o /out/youyue ./cmd/youyue \
 && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build /out/youyue /youyue
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV YOUYUE_LISTEN=0.0.0.0:8080 YOUYUE_DATABASE_URL=sqlite:/data/youyue.db
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["/youyue", "health"]
ENTRYPOINT ["/youyue"]
CMD ["serve"]
