package spec_test

import (
	"testing"

	"github.com/gocompose/gocompose/internal/spec"
)

func TestIsSecret(t *testing.T) {
	for _, field := range [][2]string{
		{"environment.POSTGRES_PASSWORD", "x"},
		{"environment.POSTGRES_PASSWORD", ""},
		{"environment.MYSQL_PWD", "x"},
		{"environment.DB_PASS", "x"},
		{"environment.dbPassword", "x"},
		{"environment.TLS_KEY_PASSPHRASE", "x"},
		{"environment.SECRET_FILE", "the secret itself"},
		{"environment.CLIENTSECRET", "/x"},
		{"environment.GITHUB_TOKEN", "x"},
		{"environment.AUTHTOKEN", "x"},
		{"environment.NPM_AUTH", "eGVubw"},
		{"environment.AWS_ACCESS_KEY_ID", "x"},
		{"environment.APIKey", "x"},
		{"environment.API_KEY", "/W9aBcDeF"},
		{"environment.SSH_PRIVATE_KEY", "x"},
		{"environment.ENCRYPTION_KEYS", "a,b"},
		{"environment.SENTRY_DSN", "https://abc@sentry.example/1"},
		{"environment.SLACK_WEBHOOK_URL", "https://hooks.slack.example/services/T0/B0/x"},
		{"environment.SALT", "x"},
		{"environment.PIN", "1234"},
		{"environment.JWT", "x"},
		{"environment.CLIENT_CERTIFICATE", "TUlJ"},
		{"environment.DATABASE_URL", "postgres://u:p@h/db"},
		{"environment.BROKERS", "amqp://h, amqp://u:p@h"},
		{"environment.REDIS", "redis://:p@h:6379/0"},
		{"environment.REPOSITORY", "https://x-token@forge.example/r.git"},
		{"environment.MYSQL", "u:p@tcp(db:3306)/app"},
		{"environment.AZURE", "AccountName=a;AccountKey=Eby8vdM02x;EndpointSuffix=core"},
		{"environment.ADO", "Server=db;User Id=sa;Password=x;"},
		{"environment.LINK", "https://h/path?a=b&token=x"},
		{"environment.JSON", `{"user": "u", "password": "x"}`},
		{"environment.JSON", `{"user":"u","password":"x"}`},
		{"environment.JAVA_OPTS", "-Xmx1g -Djavax.net.ssl.keyStorePassword=x"},
		{"environment.PEM", "-----BEGIN RSA PRIVATE KEY-----\nMII"},
		{"environment.A", "AKIAIOSFODNN7EXAMPLE"},
		{"environment.B", "ghp_0123456789abcdefABCDEF0123456789abcd"},
		{"environment.C", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x"},
		{"build.args.NPM_TOKEN", "x"},
		{"labels.traefik.http.middlewares.a.basicauth.users", "admin:$2y$05$abc"},
		{"labels.traefik.http.middlewares.a.basicauth.users", "admin:plain"},
		{"labels.any", "admin:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/"},
		{"logging.options.splunk-token", "x"},
		{"networks.default.driver_opts.password", "x"},
		{"command", `["app", "--password=x"]`},
		{"command", `["app", "--db-password", "x"]`},
		{"command", `["redis-server", "--requirepass", "x"]`},
		{"command", `["redis-server", "--masterauth", "x"]`},
		{"command", `["sh", "-c", "redis-server --requirepass x"]`},
		{"command", `["sh", "-c", "PGPASSWORD=x psql"]`},
		{"command", `["curl", "-H", "Authorization: Bearer x", "http://h"]`},
		{"command", `["sh", "-c", "curl -H \"X-Api-Key: x\" http://h"]`},
		{"healthcheck.test", `["CMD", "curl", "-u", "elastic:x", "http://h"]`},
		{"healthcheck.test", `["CMD-SHELL", "curl -f http://u:p@localhost/"]`},
		{"entrypoint", `["app", "--token", "x"]`},
	} {
		if !spec.IsSecret(field[0], field[1]) {
			t.Errorf("%s: %s would be shown", field[0], field[1])
		}
	}
}

func TestIsNoSecret(t *testing.T) {
	for _, field := range [][2]string{
		{"environment.POSTGRES_PASSWORD_FILE", "/run/secrets/x"},
		{"environment.POSTGRES_PASSWORD_FILE", ""},
		{"environment.SECRETS_DIR", "/run/secrets"},
		{"environment.SSL_CERT_DIR", "/etc/ssl/certs"},
		{"environment.SSL_CERT", "/etc/ssl/My.pem"},
		{"environment.TLS_KEY", "/etc/ssl/key.pem"},
		{"environment.AUTHOR", "Ada"},
		{"environment.AUTHORS", "Ada and Bob"},
		{"environment.KEYBOARD", "de"},
		{"environment.XKB_keyboard", "de"},
		{"environment.MONKEY", "x"},
		{"environment.VALKEY_URL", "redis://valkey:6379"},
		{"environment.COMPASS", "north"},
		{"environment.PWD", "/app"},
		{"environment.SSH_PUBLIC_KEY", "ssh-ed25519 AAAA"},
		{"environment.POSTGRES_HOST_AUTH_METHOD", "trust"},
		{"environment.AUTH_ENABLED", "true"},
		{"environment.AUTH", "off"},
		{"environment.AUTH_URL", "https://auth.example"},
		{"environment.TOKEN_TTL", "3600"},
		{"environment.MAX_TOKENS", "4096"},
		{"environment.TOKENIZERS_PARALLELISM", "false"},
		{"environment.PASSWORD_MIN_LENGTH", "8"},
		{"environment.LANG", "C.UTF-8"},
		{"environment.EMPTY", `""`},
		{"environment.DATABASE_URL", "postgres://user@db/app"},
		{"environment.GIT", "ssh://git@forge.example/r.git"},
		{"environment.GIT", "git@forge.example:r.git"},
		{"environment.MAIL", "Ada <ada@example.org>"},
		{"environment.AWK", "awk '{print $5$6}'"},
		{"command", `["sh", "-c", "npm_config_update_notifier=false npm start"]`},
		{"environment.URL", "http://web:8080/a?page=2"},
		{"environment.BASIC", "basic"},
		{"labels.traefik.http.routers.a.tls.certresolver", "le"},
		{"labels.traefik.http.middlewares.a.basicauth.usersfile", "/users"},
		{"labels.org.opencontainers.image.authors", "Ada"},
		{"image", "registry.example/app:1@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"sysctls.kernel.keys.maxkeys", "200"},
		{"secrets.db_password", "environment DB_PASSWORD"},
		{"secrets./run/secrets/db_password", "bind /etc/db_password ro"},
		{"volumes./run/secrets", "bind /etc/secrets ro"},
		{"command", `["app", "--password-file=/run/secrets/x", "--key", "/etc/key.pem"]`},
		{"command", `["mysqladmin", "ping", "-psecret"]`},
		{"command", `["app", "--auth", "--verbose"]`},
		{"command", `["app", "--no-password"]`},
		{"command", `["docker", "run", "--user", "1000:1000"]`},
		{"healthcheck.test", `["CMD-SHELL", "redis-cli -a $REDIS_PASSWORD ping"]`},
		{"healthcheck.test", `["CMD-SHELL", "app --password=$PASSWORD --token \"${TOKEN}\""]`},
		{"healthcheck.test", `["CMD", "curl", "-f", "http://localhost:80/"]`},
		{"ports.80/tcp", "0.0.0.0:8080"},
	} {
		if spec.IsSecret(field[0], field[1]) {
			t.Errorf("%s: %s would be hidden", field[0], field[1])
		}
	}
}
