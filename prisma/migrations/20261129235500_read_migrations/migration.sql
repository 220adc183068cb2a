-- Whether this database has every migration of a version, for the readiness of its processes. The names stand in the
-- source, so they are no secret.
GRANT SELECT (migration_name, finished_at, rolled_back_at) ON _prisma_migrations TO postern_app;
