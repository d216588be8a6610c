# docker build -t conform . && docker run --rm --network host conform --target 127.0.0.1:1003
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The image has the files that are published, and no list of its own.
RUN npm run build && npm prune --omit=dev --ignore-scripts && npm pack --ignore-scripts && tar -xzf tasksubmit-conform-*.tgz

FROM node:22-alpine
WORKDIR /app
COPY --from=build /app/package ./
COPY --from=build /app/node_modules ./node_modules
# For scripts: the entry point takes options only.
RUN ln -s /app/dist/cli.js /usr/local/bin/conform
# Reports and findings are written here: into the folder that is mounted, or else into the container.
RUN install -d -o node -g node /work
WORKDIR /work
USER node
ENTRYPOINT ["node", "/app/dist/cli.js"]
