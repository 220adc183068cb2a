/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // The floors of `npm run bench -- throughput` are pages of a build of its own, and of no other.
  pageExtensions: process.env.POSTERN_BENCH === "1" ? ["tsx", "ts", "bench.tsx", "bench.ts"] : ["tsx", "ts"],
  distDir: process.env.POSTERN_DIST_DIR || ".next",
  serverExternalPackages: ["@node-rs/argon2", "pg"],
  images: { unoptimized: true },
  // `npm run check` and `npm test` check the types, and a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  // The title is in the head of every page, also without scripts and where the answer is a refusal. Nothing waits
  // longer for it: titles come from what the page reads anyway.
  htmlLimitedBots: /.*/,
  // Browsers get the ES modules of Next.js, of which a build leaves out what is not used: 13 kB of each page.
  turbopack: {
    rules: {
      "*.js": {
        condition: {
          all: [
            "browser",
            "production",
            { path: /[\\/]next[\\/]dist[\\/](?:build[\\/]polyfills|client|lib|server|shared)[\\/]/ },
          ],
        },
        loaders: ["./scripts/parts/next-modules.mjs"],
      },
    },
  },
  experimental: {
    authInterrupts: true,
    // Writing the cache takes a third of a first build's processor time and 170 MB; only the next upgrade would read it.
    turbopackFileSystemCacheForBuild: false,
    serverActions: { bodySizeLimit: "256kb" },
  },
};
