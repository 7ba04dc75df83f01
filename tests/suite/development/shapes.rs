//! Projects as they are in the wild, and the database that each one's framework itself takes.

use std::fs;

use super::Scene;

/// A project: its name, its files, its environment, and what `development which` prints.
pub(super) type Shape = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// Rails' own template.
const TEMPLATE: &str = "# PostgreSQL. Versions 9.5 and up are supported.\ndefault: &default\n  adapter: postgresql\n  \
    encoding: unicode\n  # For details on connection pooling\n  pool: <%= ENV.fetch(\"RAILS_MAX_THREADS\") { 5 } %>\n\n\
    development:\n  <<: *default\n  database: playhouse_development\n\n  #username: playhouse\n\ntest:\n  <<: *default\n  \
    database: playhouse_test\n\nproduction:\n  <<: *default\n  database: playhouse_production\n  username: playhouse\n  \
    password: <%= ENV[\"PLAYHOUSE_DATABASE_PASSWORD\"] %>\n";

const THREE_TIER: &str = "default: &default\n  adapter: postgresql\n  host: localhost\ndevelopment:\n  primary: &primary\n    \
    <<: *default\n    database: app_development\n  cache:\n    <<: *default\n    database: app_cache\n    migrations_paths: \
    db/cache_migrate\n  replica:\n    <<: *primary\n    replica: true\nproduction:\n  primary:\n    url: <%= \
    Rails.application.credentials.dig(:db) %>\n";

const WITH_DOTENV: (&str, &str) =
    ("Gemfile.lock", "GEM\n  specs:\n    dotenv (3.1.0)\n    dotenv-rails (3.1.0)\n    railties (8.0.1)\n");
const WITHOUT_DOTENV: (&str, &str) = ("Gemfile.lock", "GEM\n  specs:\n    railties (8.0.1)\n");

pub(super) const RAILS: &[Shape] = &[
    (
        "the template",
        &[("config/database.yml", TEMPLATE)],
        &[],
        "playhouse_development on the local socket:5432 (from config/database.yml:10)",
    ),
    (
        "DATABASE_URL over the template",
        &[("config/database.yml", TEMPLATE)],
        &[("DATABASE_URL", "postgres://u:p@localhost/other")],
        "other on localhost:5432 as u (from DATABASE_URL in the environment)",
    ),
    (
        "a URL without a name keeps the file's",
        &[("config/database.yml", TEMPLATE)],
        &[("DATABASE_URL", "postgres://u@127.0.0.1:5433")],
        "playhouse_development on 127.0.0.1:5433 as u (from DATABASE_URL in the environment)",
    ),
    (
        "PRIMARY_DATABASE_URL first",
        &[("config/database.yml", TEMPLATE)],
        &[("DATABASE_URL", "postgres:///a"), ("PRIMARY_DATABASE_URL", "postgres:///b")],
        "b on the local socket:5432 (from PRIMARY_DATABASE_URL in the environment)",
    ),
    (
        "url: wins over DATABASE_URL",
        &[("config/database.yml", "development:\n  adapter: postgresql\n  url: postgres://localhost/file\n")],
        &[("DATABASE_URL", "postgres:///env")],
        "file on localhost:5432 (from config/database.yml:3)",
    ),
    (
        "an unset url: leaves DATABASE_URL",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: file\n  url: <%= ENV['NOPE'] %>\n",
        )],
        &[("DATABASE_URL", "postgres:///env")],
        "env on the local socket:5432 (from DATABASE_URL in the environment)",
    ),
    (
        "url: from a variable, in quotes",
        &[("config/database.yml", "development:\n  url: \"<%= ENV['DB_URL'] %>\"\n  pool: 5\n")],
        &[("DB_URL", "postgis://x:y@localhost:6000/geo")],
        "geo on localhost:6000 as x (from config/database.yml:2)",
    ),
    (
        "a URL in place of the mapping",
        &[("config/database.yml", "development: postgresql://localhost/app_dev?pool=5\n")],
        &[],
        "app_dev on localhost:5432 (from config/database.yml:1)",
    ),
    (
        "three tiers",
        &[("config/database.yml", THREE_TIER)],
        &[],
        "app_development on localhost:5432 (from config/database.yml:7)",
    ),
    (
        "three tiers without a primary",
        &[(
            "config/database.yml",
            "development:\n  main:\n    adapter: postgresql\n    database: m\n  other:\n    adapter: sqlite3\n    database: x.db\n",
        )],
        &[],
        "m on the local socket:5432 (from config/database.yml:4)",
    ),
    (
        "three tiers, DATABASE_URL is the primary's",
        &[("config/database.yml", THREE_TIER)],
        &[("DATABASE_URL", "postgres://localhost/p"), ("CACHE_DATABASE_URL", "postgres:///c")],
        "p on localhost:5432 (from DATABASE_URL in the environment)",
    ),
    (
        "shared settings",
        &[(
            "config/database.yml",
            "shared:\n  adapter: postgresql\n  host: localhost\n  username: dev\ndevelopment:\n  database: a\n",
        )],
        &[],
        "a on localhost:5432 as dev (from config/database.yml:6)",
    ),
    (
        "shared settings, by name",
        &[(
            "config/database.yml",
            "shared:\n  primary:\n    adapter: postgresql\n    host: 127.0.0.1\n  cache:\n    host: ::1\ndevelopment:\n  primary:\n    database: a\n  cache:\n    database: b\n",
        )],
        &[],
        "a on 127.0.0.1:5432 (from config/database.yml:9)",
    ),
    (
        "ENV[] with ||",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: <%= ENV['DB_HOST'] || 'localhost' %>\n  port: <%= ENV[\"DB_PORT\"] || 5432 %>\n  database: <%= ENV['DB_NAME'] || \"app\" %>\n",
        )],
        &[("DB_PORT", "5433")],
        "app on localhost:5433 (from config/database.yml:5)",
    ),
    (
        "ENV.fetch with a block",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: <%= ENV.fetch('PGHOSTNAME') { 'localhost' } %>\n  database: <%= ENV.fetch(\"DB\") { \"app_dev\" } %>\n  username: <%= ENV.fetch 'DB_USER', 'rails' %>\n",
        )],
        &[],
        "app_dev on localhost:5432 as rails (from config/database.yml:4)",
    ),
    (
        "presence and to_i",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: <%= ENV['H'].presence || \"localhost\" %>\n  port: <%= ENV.fetch('P', '5434').to_i %>\n  database: app\n",
        )],
        &[("H", "")],
        "app on localhost:5434 (from config/database.yml:5)",
    ),
    (
        "two tags in one value",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: <%= ENV['APP'] %>_<%= Rails.env %>\n",
        )],
        &[("APP", "shop")],
        "shop_development on the local socket:5432 (from config/database.yml:3)",
    ),
    (
        "interpolation and a suffix",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: \"app_<%= \"dev#{ENV['N']}\" %>\"\n",
        )],
        &[("N", "2")],
        "app_dev2 on the local socket:5432 (from config/database.yml:3)",
    ),
    (
        "lines under a condition",
        &[(
            "config/database.yml",
            "default: &default\n  adapter: postgresql\n  <% if ENV['DB_HOST'] %>\n  host: <%= ENV['DB_HOST'] %>\n  username: postgres\n  <% end %>\ndevelopment:\n  <<: *default\n  database: app\n",
        )],
        &[("DB_HOST", "127.0.0.1")],
        "app on 127.0.0.1:5432 as postgres (from config/database.yml:9)",
    ),
    (
        "the same without the variable",
        &[(
            "config/database.yml",
            "default: &default\n  adapter: postgresql\n  <% if ENV['DB_HOST'] %>\n  host: <%= ENV['DB_HOST'] %>\n  <% else %>\n  host: localhost\n  <% end %>\ndevelopment:\n  <<: *default\n  database: app\n",
        )],
        &[],
        "app on localhost:5432 (from config/database.yml:10)",
    ),
    (
        "a local variable",
        &[(
            "config/database.yml",
            "<% branch = ENV.fetch('BRANCH', 'main').gsub('-', '_') %>\ndevelopment:\n  adapter: postgresql\n  database: app_<%= branch %>\n",
        )],
        &[("BRANCH", "a-b")],
        "app_a_b on the local socket:5432 (from config/database.yml:4)",
    ),
    (
        "production's credentials are not needed",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: app\nproduction:\n  url: <%= Rails.application.credentials.database_url %>\n  password: <%= `cat secret` %>\n",
        )],
        &[],
        "app on the local socket:5432 (from config/database.yml:3)",
    ),
    (
        "a merge that overrides",
        &[(
            "config/database.yml",
            "default: &default\n  adapter: postgresql\n  database: default_db\ndevelopment:\n  database: mine\n  <<: *default\n",
        )],
        &[],
        "default_db on the local socket:5432 (from config/database.yml:3)",
    ),
    (
        "a socket's folder",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: /tmp\n  port: 5433\n  database: app\n",
        )],
        &[],
        "app on /tmp:5433 (from config/database.yml:5)",
    ),
    (
        "a flow mapping",
        &[(
            "config/database.yml",
            "development: {adapter: postgresql, database: app, host: 127.0.0.1, password: 'a: #b'}\n",
        )],
        &[],
        "app on 127.0.0.1:5432 (from config/database.yml:1)",
    ),
    (
        "empty values are none",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: \"\"\n  username: ~\n  password:\n  database: app\n",
        )],
        &[],
        "app on the local socket:5432 (from config/database.yml:6)",
    ),
    (
        "libpq's variables fill in",
        &[("config/database.yml", TEMPLATE)],
        &[("PGHOST", "localhost"), ("PGPORT", "6432"), ("PGUSER", "me")],
        "playhouse_development on localhost:6432 as me (from config/database.yml:10; its server from PGHOST in the environment)",
    ),
    (
        "no file",
        &[("bin/rails", ""), (".env", "DATABASE_URL=postgres://localhost/app\n")],
        &[],
        "app on localhost:5432 (from DATABASE_URL in .env:1)",
    ),
    (
        "dotenv's files in their order",
        &[
            ("config/database.yml", TEMPLATE),
            WITH_DOTENV,
            (".env", "DATABASE_URL=postgres:///env\n"),
            (".env.development", "DATABASE_URL=postgres:///dev\n"),
            (".env.local", "A=1\nexport DATABASE_URL=\"postgres:///local\"\n"),
        ],
        &[],
        "local on the local socket:5432 (from DATABASE_URL in .env.local:2)",
    ),
    (
        "the environment over dotenv",
        &[("config/database.yml", TEMPLATE), WITH_DOTENV, (".env", "DATABASE_URL=postgres:///env\n")],
        &[("DATABASE_URL", "postgres:///real")],
        "real on the local socket:5432 (from DATABASE_URL in the environment)",
    ),
    (
        "variables in dotenv",
        &[
            ("config/database.yml", TEMPLATE),
            WITH_DOTENV,
            (".env", "DB_USER=u\nDATABASE_URL=postgres://${DB_USER}:p@localhost/app\n"),
        ],
        &[],
        "app on localhost:5432 as u (from DATABASE_URL in .env:2)",
    ),
    (
        ".env that makes no difference",
        &[
            ("config/database.yml", TEMPLATE),
            WITHOUT_DOTENV,
            (".env", "RAILS_MAX_THREADS=3\nPLAYHOUSE_DATABASE_PASSWORD=x\n"),
        ],
        &[],
        "playhouse_development on the local socket:5432 (from config/database.yml:10)",
    ),
    (
        ".env that Rails does not read",
        &[
            ("config/database.yml", TEMPLATE),
            WITHOUT_DOTENV,
            (".env", "DATABASE_URL=postgres://localhost/env\n"),
        ],
        &[],
        "5: several databases could be meant",
    ),
    (
        "credentials in development",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: app\n  password: <%= Rails.application.credentials.db_password %>\n",
        )],
        &[],
        "2: config/database.yml:4",
    ),
    (
        "an array joined",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: <%= ['app', ENV['X']].compact.join('_') %>\n",
        )],
        &[],
        "2: config/database.yml:3",
    ),
    (
        "a condition that needs Ruby",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: app\n<% if File.exist?('/.dockerenv') %>\n  host: db\n<% end %>\n",
        )],
        &[],
        "2: config/database.yml:4",
    ),
    (
        "the same for another environment",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: app\n<% if File.exist?('/x') %>\nstaging:\n  host: db\n<% end %>\n",
        )],
        &[],
        "app on the local socket:5432 (from config/database.yml:3)",
    ),
    (
        "a variable that must be set",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  database: <%= ENV.fetch('DB_NAME') %>\n",
        )],
        &[],
        "2: DB_NAME is not set",
    ),
    (
        "sqlite",
        &[(
            "config/database.yml",
            "development:\n  adapter: sqlite3\n  database: storage/development.sqlite3\n",
        )],
        &[],
        "2: its adapter is sqlite3",
    ),
    (
        "no YAML",
        &[("config/database.yml", "development:\n\tadapter: postgresql\n")],
        &[],
        "2: config/database.yml:2",
    ),
    (
        "a host that is not here",
        &[(
            "config/database.yml",
            "development:\n  adapter: postgresql\n  host: db.example\n  database: app\n",
        )],
        &[],
        "5: app is on db.example (from config/database.yml:4)",
    ),
];

const DB: &str = "services:\n  web:\n    build: .\n  db:\n    image: postgres:16-alpine\n    environment:\n      POSTGRES_PASSWORD: secret\n";

const COMPOSE: &[Shape] = &[
    (
        "a published port",
        &[(
            "docker-compose.yml",
            "version: '3'\nservices:\n  db:\n    image: postgres:15\n    ports:\n      - \"5433:5432\"\n    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: secret\n      POSTGRES_DB: app_dev\n",
        )],
        &[],
        "app_dev on 127.0.0.1:5433 as app (from docker-compose.yml:4)",
    ),
    (
        "a list of variables, an address",
        &[(
            "compose.yaml",
            "services:\n  pg:\n    image: postgis/postgis:16-3.4\n    ports: ['127.0.0.1:6000:5432']\n    environment:\n      - POSTGRES_USER=geo\n      - POSTGRES_PASSWORD\n",
        )],
        &[],
        "geo on 127.0.0.1:6000 as geo (from compose.yaml:3)",
    ),
    (
        "the long form and a default",
        &[(
            "compose.yml",
            "services:\n  db:\n    image: ${DB_IMAGE:-pgvector/pgvector}:pg16\n    ports:\n      - target: 5432\n        published: \"${DB_PORT:-5499}\"\n        protocol: tcp\n",
        )],
        &[],
        "5: postgres",
    ),
    (
        "a port of .env",
        &[
            (
                "compose.yml",
                "services:\n  db:\n    image: postgres\n    ports:\n      - ${DB_PORT:-5432}:5432\n    environment: {POSTGRES_DB: app}\n",
            ),
            (".env", "DB_PORT=5555\n"),
        ],
        &[],
        "app on 127.0.0.1:5555 as postgres (from compose.yml:3)",
    ),
    (
        "an env_file",
        &[
            (
                "compose.yml",
                "services:\n  db:\n    image: postgres\n    env_file: .env.db\n    ports: [5432:5432]\n",
            ),
            (".env.db", "POSTGRES_USER=u\nPOSTGRES_DB=n\n"),
        ],
        &[],
        "n on 127.0.0.1:5432 as u (from compose.yml:3)",
    ),
    (
        "an override publishes",
        &[
            ("docker-compose.yml", DB),
            (
                "docker-compose.override.yml",
                "services:\n  db:\n    ports: ['7000:5432']\n    environment:\n      POSTGRES_DB: dev\n",
            ),
        ],
        &[],
        "dev on 127.0.0.1:7000 as postgres (from docker-compose.yml:5)",
    ),
    (
        "nothing is published",
        &[("docker-compose.yml", DB)],
        &[],
        "2: docker compose exec db psql -U postgres postgres",
    ),
    (
        "a port that Docker chooses",
        &[("compose.yml", "services:\n  db:\n    image: postgres\n    ports: ['5432']\n")],
        &[],
        "2: docker compose port db 5432",
    ),
    (
        "two servers",
        &[(
            "compose.yml",
            "services:\n  a:\n    image: postgres\n    ports: ['1:5432']\n    environment: {POSTGRES_DB: x}\n  b:\n    image: postgres\n    ports: ['2:5432']\n    environment: {POSTGRES_DB: y}\n",
        )],
        &[],
        "5: x on 127.0.0.1:1",
    ),
    (
        "Rails' host is the service",
        &[
            (
                "config/database.yml",
                "development:\n  adapter: postgresql\n  host: db\n  username: postgres\n  password: secret\n  database: app\n",
            ),
            ("compose.yml", "services:\n  db:\n    image: postgres\n    ports: ['5433:5432']\n"),
        ],
        &[],
        "app on 127.0.0.1:5433 as postgres (from config/database.yml:6; its server from compose.yml:3)",
    ),
    (
        "Rails' host is a service that publishes nothing",
        &[
            ("config/database.yml", "development:\n  adapter: postgresql\n  host: db\n  database: app\n"),
            ("docker-compose.yml", DB),
        ],
        &[],
        "2: docker compose exec db",
    ),
    (
        "anchors in compose",
        &[(
            "compose.yml",
            "x-env: &env\n  POSTGRES_USER: u\n  POSTGRES_DB: n\nservices:\n  db:\n    image: postgres:17\n    environment:\n      <<: *env\n      POSTGRES_DB: own\n    ports:\n      - 5432:5432/tcp\n",
        )],
        &[],
        "own on 127.0.0.1:5432 as u (from compose.yml:6)",
    ),
    (
        "a file that is included, with its own .env",
        &[
            ("compose.yml", "include:\n  - infra/db.yml\nservices:\n  web:\n    image: ruby\n"),
            (
                "infra/db.yml",
                "services:\n  db:\n    image: postgres\n    env_file: db.env\n    ports: ['${DB_PORT}:5432']\n",
            ),
            ("infra/.env", "DB_PORT=5777\n"),
            ("infra/db.env", "POSTGRES_DB=infra\n"),
        ],
        &[],
        "infra on 127.0.0.1:5777 as postgres (from infra/db.yml:3)",
    ),
    (
        "the long form of include, and the including project's variable",
        &[
            (
                "compose.yml",
                "include:\n  - path: [infra/db.yml, infra/dev.yml]\n    project_directory: .\n    env_file: infra/x.env\n",
            ),
            ("infra/db.yml", "services:\n  db:\n    image: postgres\n    ports: ['${DB_PORT}:5432']\n"),
            ("infra/dev.yml", "services:\n  db:\n    environment: {POSTGRES_DB: '${NAME}'}\n"),
            ("infra/x.env", "DB_PORT=1\nNAME=mine\n"),
            (".env", "DB_PORT=5778\n"),
        ],
        &[],
        "mine on 127.0.0.1:5778 as postgres (from infra/db.yml:3)",
    ),
    (
        "an included file that is not there",
        &[("compose.yml", "services:\n  db:\n    image: postgres\ninclude:\n  - other/db.yml\n")],
        &[],
        "2: compose.yml:5",
    ),
    (
        "a service that extends one of another file",
        &[
            (
                "compose.yml",
                "services:\n  db:\n    extends:\n      file: common/pg.yml\n      service: base\n    ports: ['5779:5432']\n    environment: {POSTGRES_DB: own}\n",
            ),
            (
                "common/pg.yml",
                "services:\n  base:\n    extends: root\n    environment: {POSTGRES_DB: base, POSTGRES_USER: u}\n  root:\n    image: postgres:16\n",
            ),
        ],
        &[],
        "own on 127.0.0.1:5779 as u (from compose.yml:3)",
    ),
    (
        "services that extend each other",
        &[("compose.yml", "services:\n  a:\n    image: postgres\n    extends: b\n  b:\n    extends: a\n")],
        &[],
        "2: which it extends, is no service of compose.yml",
    ),
    (
        "an override's env_file is under the file's own variables",
        &[
            (
                "compose.yml",
                "services:\n  db:\n    image: postgres\n    ports: [5432:5432]\n    environment: {POSTGRES_DB: own}\n",
            ),
            ("compose.override.yml", "services:\n  db:\n    env_file: [{path: x.env, required: false}]\n"),
            ("x.env", "POSTGRES_DB=file\nPOSTGRES_USER=u\n"),
        ],
        &[],
        "own on 127.0.0.1:5432 as u (from compose.yml:3)",
    ),
    (
        "no server in it",
        &[("compose.yml", "services:\n  redis:\n    image: redis\n")],
        &[],
        "2: no database of this machine found",
    ),
];

const DEV: &str = "import Config\n\n# Configure your database\nconfig :hello, Hello.Repo,\n  username: \"postgres\",\n  password: \"postgres\",\n  \
    hostname: \"localhost\",\n  database: \"hello_dev\",\n  stacktrace: true,\n  show_sensitive_data_on_connection_error: true,\n  \
    pool_size: 10\n\nconfig :hello, HelloWeb.Endpoint,\n  http: [ip: {127, 0, 0, 1}, port: 4000],\n  database: \"no\"\n";

const PRISMA: &str = "generator client {\n  provider = \"prisma-client-js\"\n}\n\ndatasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n";

const MANAGE: (&str, &str) = (
    "manage.py",
    "#!/usr/bin/env python\nimport django\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n",
);

const OTHERS: &[Shape] = &[
    (
        "Phoenix' own dev.exs",
        &[
            ("config/dev.exs", DEV),
            (
                "config/runtime.exs",
                "import Config\nif config_env() == :prod do\n  config :hello, Hello.Repo, url: System.fetch_env!(\"DATABASE_URL\")\nend\n",
            ),
        ],
        &[("DATABASE_URL", "ecto://a:b@localhost/not_this")],
        "hello_dev on localhost:5432 as postgres (from config/dev.exs:8)",
    ),
    (
        "Phoenix with variables",
        &[(
            "config/dev.exs",
            "import Config\nconfig :a, A.Repo,\n  hostname: System.get_env(\"DB_HOST\", \"127.0.0.1\"),\n  port: String.to_integer(System.get_env(\"DB_PORT\") || \"5433\"),\n  database: \"a_dev#{System.get_env(\"N\")}\"\n",
        )],
        &[("N", "_2")],
        "a_dev_2 on 127.0.0.1:5433 (from config/dev.exs:5)",
    ),
    (
        "Phoenix with a url",
        &[(
            "config/dev.exs",
            "config :a, A.Repo, url: System.get_env(\"DATABASE_URL\") || \"ecto://postgres:postgres@localhost/a_dev\", pool_size: 2\n",
        )],
        &[],
        "a_dev on localhost:5432 as postgres (from config/dev.exs:1)",
    ),
    (
        "Phoenix with code",
        &[(
            "config/dev.exs",
            "config :a, A.Repo,\n  username: \"x\",\n  database: Path.basename(File.cwd!())\n",
        )],
        &[],
        "2: config/dev.exs:3",
    ),
    (
        "Phoenix with two repos",
        &[(
            "config/dev.exs",
            "config :a, A.Repo,\n  database: \"a\"\nconfig :a, A.OtherRepo,\n  database: \"b\"\n",
        )],
        &[],
        "2: development which --database A.OtherRepo",
    ),
    (
        "Laravel",
        &[
            ("artisan", ""),
            (
                ".env",
                "APP_ENV=local\nDB_CONNECTION=pgsql\nDB_HOST=127.0.0.1\nDB_PORT=5432\nDB_DATABASE=laravel\nDB_USERNAME=root\nDB_PASSWORD=\"p#x\"\n",
            ),
        ],
        &[],
        "laravel on 127.0.0.1:5432 as root (from DB_DATABASE in .env:5)",
    ),
    (
        "Laravel with Sail",
        &[
            ("artisan", ""),
            (".env", "DB_CONNECTION=pgsql\nDB_HOST=pgsql\nDB_DATABASE=laravel\nDB_USERNAME=sail\n"),
            (
                "docker-compose.yml",
                "services:\n  pgsql:\n    image: 'postgres:17'\n    ports:\n      - '${FORWARD_DB_PORT:-5432}:5432'\n    environment:\n      POSTGRES_DB: '${DB_DATABASE}'\n",
            ),
        ],
        &[],
        "laravel on 127.0.0.1:5432 as sail (from DB_DATABASE in .env:3; its server from docker-compose.yml:3)",
    ),
    (
        "Laravel on MySQL",
        &[("artisan", ""), (".env", "DB_CONNECTION=mysql\nDB_DATABASE=laravel\n")],
        &[],
        "2: DB_CONNECTION in .env:1 is not pgsql",
    ),
    (
        "Laravel with a URL",
        &[("artisan", ""), (".env", "DB_CONNECTION=pgsql\nDB_URL=pgsql://u:p@localhost/l\n")],
        &[],
        "l on localhost:5432 as u (from DB_URL in .env:2)",
    ),
    (
        "Prisma",
        &[
            ("prisma/schema.prisma", PRISMA),
            (".env", "# note\nDATABASE_URL=\"postgresql://u:p@localhost:5432/app?schema=public\"\n"),
        ],
        &[],
        "app on localhost:5432 as u (from DATABASE_URL in .env:2)",
    ),
    (
        "Prisma's two files differ",
        &[
            ("prisma/schema.prisma", PRISMA),
            (".env", "DATABASE_URL=postgresql:///a\n"),
            ("prisma/.env", "DATABASE_URL=postgresql:///b\n"),
        ],
        &[],
        "5: a on the local socket",
    ),
    (
        "Prisma 7",
        &[
            ("prisma/schema.prisma", "datasource db {\n  provider = \"postgresql\"\n}\n"),
            (
                "prisma.config.ts",
                "import 'dotenv/config'\nexport default defineConfig({ datasource: { url: env('PG_URL') } })\n",
            ),
            (".env", "PG_URL=postgresql://localhost/seven\n"),
        ],
        &[],
        "seven on localhost:5432 (from PG_URL in .env:1)",
    ),
    (
        "Prisma on MySQL",
        &[(
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"mysql\"\n  url = env(\"DATABASE_URL\")\n}\n",
        )],
        &[],
        "2: prisma/schema.prisma:2",
    ),
    (
        "Django with django-environ",
        &[
            ("manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n"),
            (".env", "DATABASE_URL=postgis://u:p@127.0.0.1:5433/geo\n"),
        ],
        &[],
        "geo on 127.0.0.1:5433 as u (from DATABASE_URL in .env:1)",
    ),
    (
        "Django's own template for PostgreSQL",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "import os\nfrom pathlib import Path\n\nBASE_DIR = Path(__file__).resolve().parent.parent\n\nDATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n        'NAME': 'shop_dev',  # the name\n        'USER': 'shop',\n        'PASSWORD': 'x',\n        'HOST': '127.0.0.1',\n        'PORT': '5433',\n        'OPTIONS': {'sslmode': 'disable'},\n    }\n}\n",
            ),
        ],
        &[("DATABASE_URL", "postgres:///not_this")],
        "shop_dev on 127.0.0.1:5433 as shop (from shop/settings.py:9)",
    ),
    (
        "Django with variables",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "DB = os.getenv(\"DB_NAME\", \"shop\")\nDATABASES = {\n    \"default\": {\n        \"ENGINE\": \"django.contrib.gis.db.backends.postgis\",\n        \"NAME\": DB,\n        \"USER\": os.environ.get(\"DB_USER\"),\n        \"HOST\": os.environ.get(\"DB_HOST\") or \"localhost\",\n        \"PORT\": int(os.environ.get(\"DB_PORT\", 5432)),\n        \"CONN_MAX_AGE\": 60 * 10,\n    },\n}\n",
            ),
        ],
        &[("DB_HOST", "127.0.0.1")],
        "shop on 127.0.0.1:5432 (from shop/settings.py:1)",
    ),
    (
        "Django with dj-database-url",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "import dj_database_url\nDATABASES = {\n    'default': dj_database_url.config(\n        default='postgres://u:p@localhost/shop', conn_max_age=600, ssl_require=not DEBUG),\n}\n",
            ),
        ],
        &[],
        "shop on localhost:5432 as u (from shop/settings.py:4)",
    ),
    (
        "Django with environ's db and .env",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "import environ\nenv = environ.Env(DEBUG=(bool, False))\nenviron.Env.read_env(BASE_DIR / '.env')\nDATABASES = {'default': env.db(), 'reports': env.db('REPORTS_URL', default='postgres:///reports')}\n",
            ),
            (".env", "DATABASE_URL=postgis://localhost/geo\n"),
        ],
        &[],
        "geo on localhost:5432 (from DATABASE_URL in .env:1)",
    ),
    (
        "Django with decouple",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "from decouple import config\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': config('NAME'), 'HOST': config('HOST', default='localhost')}}\n",
            ),
            (".env", "NAME=dec\n"),
        ],
        &[],
        "dec on localhost:5432 (from NAME in .env:1)",
    ),
    (
        "Django's default is replaced at the end",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}\nDATABASES[\"default\"] = dj_database_url.parse('postgresql://localhost:5499/late')\n",
            ),
        ],
        &[],
        "late on localhost:5499 (from shop/settings.py:2)",
    ),
    (
        "Django on SQLite",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.sqlite3',\n        'NAME': BASE_DIR / 'db.sqlite3',\n    }\n}\n",
            ),
        ],
        &[],
        "2: its engine is django.db.backends.sqlite3",
    ),
    (
        "Django decides with code",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'a'}}\nif DEBUG:\n    DATABASES['default']['NAME'] = 'b'\n",
            ),
        ],
        &[],
        "2: shop/settings.py:3",
    ),
    (
        "Django computes a name",
        &[
            MANAGE,
            (
                "shop/settings.py",
                "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n        'NAME': f'shop_{branch()}',\n    }\n}\n",
            ),
        ],
        &[],
        "2: shop/settings.py:4",
    ),
    (
        "Django's settings in a package, by the environment's name",
        &[
            MANAGE,
            ("shop/settings.py", "raise NotImplementedError\n"),
            ("conf/__init__.py", ""),
            ("conf/local.py", "from .base import *\nDEBUG = True\n"),
            (
                "conf/base.py",
                "ENGINE = 'django.db.backends.postgresql'\nDATABASES = {'default': {'ENGINE': ENGINE, 'NAME': 'local'}}\n",
            ),
        ],
        &[("DJANGO_SETTINGS_MODULE", "conf.local")],
        "local on the local socket:5432 (from conf/base.py:2)",
    ),
    (
        "Sequelize",
        &[(
            "config/config.json",
            "{\n  \"development\": {\n    \"username\": \"root\",\n    \"password\": null,\n    \"database\": \"database_development\",\n    \"host\": \"127.0.0.1\",\n    \"dialect\": \"postgres\"\n  },\n  \"test\": {\"database\": \"no\"}\n}\n",
        )],
        &[("DATABASE_URL", "postgres:///not_this")],
        "database_development on 127.0.0.1:5432 as root (from config/config.json:5)",
    ),
    (
        "Sequelize on MySQL",
        &[(
            "config/config.json",
            "{\n  \"development\": {\n    \"database\": \"x\",\n    \"dialect\": \"mysql\"\n  }\n}\n",
        )],
        &[],
        "2: config/config.json:4",
    ),
    (
        "Sequelize with a variable",
        &[
            ("config/config.json", "{\"development\": {\"use_env_variable\": \"PG_URL\"}}\n"),
            (".env", "PG_URL=postgres://localhost/seq\n"),
        ],
        &[],
        "seq on localhost:5432 (from PG_URL in .env:1)",
    ),
    (
        "Sequelize's file elsewhere",
        &[
            (
                ".sequelizerc",
                "const path = require('path');\nmodule.exports = { 'config': path.resolve(__dirname, 'db', 'settings.json') };\n",
            ),
            (
                "db/settings.json",
                "{\"development\": {\"dialect\": \"postgres\", \"database\": \"x\", \"port\": 5480}}",
            ),
        ],
        &[],
        "x on localhost:5480 (from db/settings.json:1)",
    ),
    (
        "another program's config.json",
        &[("config/config.json", "{\"development\": {\"database\": \"x\"}}")],
        &[],
        "2: no database of this machine found",
    ),
    (
        "Knex",
        &[
            ("knexfile.js", "module.exports = {}\n"),
            ("package.json", "{}"),
            (".env", "DATABASE_URL='postgres://localhost/knex' # here\n"),
        ],
        &[],
        "knex on localhost:5432 (from DATABASE_URL in .env:1)",
    ),
    (
        "files that libraries read differently",
        &[
            ("package.json", "{}"),
            (".env", "DATABASE_URL=postgres:///a\n"),
            (".env.local", "DATABASE_URL=postgres:///b\n"),
        ],
        &[],
        "5: b on the local socket:5432 (from DATABASE_URL in .env.local:1), or a",
    ),
    ("nothing", &[("README.md", "")], &[], "2: no database of this machine found"),
];

#[test]
fn each_project_has_the_database_that_its_framework_takes() {
    let scene = Scene::bare();
    let shapes = [RAILS, COMPOSE, OTHERS].concat();
    assert!(shapes.len() >= 60, "{}", shapes.len());
    let mut wrong = Vec::new();
    for (number, (name, files, variables, expected)) in shapes.iter().enumerate() {
        let folder = scene.folder().join(format!("project-{number}"));
        for (file, text) in *files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let mut command = scene.prepared("development");
        command.arg("which").current_dir(&folder).envs(variables.iter().copied());
        let outcome = scene.finish(&mut command);
        let is_right =
            match expected.split_once(": ").and_then(|(code, text)| Some((code.parse().ok()?, text))) {
                Some((code, text)) => outcome.status == Some(code) && outcome.stderr.contains(text),
                None => outcome.stdout.trim_end() == *expected && outcome.stderr.is_empty(),
            };
        if !is_right {
            wrong.push(format!("{name}: {expected}\n{outcome}"));
        }
        assert!(!outcome.to_string().contains("secret\""), "{outcome}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), shapes.len(), wrong.join("\n"));
}
