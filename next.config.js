/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  distDir: process.env.POSTERN_DIST_DIR || ".next",
  serverExternalPackages: ["@node-rs/argon2", "pg"],
  images: { unoptimized: true },
  // `npm run check` and `npm test` check the types, and a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    authInterrupts: true,
    serverActions: { bodySizeLimit: "256kb" },
  },
};
