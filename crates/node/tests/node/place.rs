//! One test's own node: journal, folders, template and names that no other test has.

use domain::{CommandId, Secret, TemplateName, TenantId};
use node::{
    Archive, ClusterAccess, Faults, Identifier, Node, NodeSettings, OdooProgram, PointInTime, PoolPolicy,
    Subject, SuperuserAccess, prepare,
};
use sqlx::{Connection, PgConnection, Row};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use testkit::{TENANTS, TestCluster, fresh_name};
use tokio::sync::watch;
use uuid::Uuid;
use wire::Plaintext;
use wire::node::{
    BuildTemplate, Command, CommandResult, CreateTenant, Facts, Order, Outcome, TemplateSource,
};

/// The file that says whose a folder of backups is.
pub const OWNER: &str = ".tenantry-node";
pub const ODOO_PASSWORD: &str = "odoo-for-tests";
const PGBACKREST: &str = "/usr/bin/pgbackrest";
const NODE_PASSWORD: &str = "node-for-tests";

pub struct Place {
    pub cluster: TestCluster,
    pub settings: NodeSettings,
    pub template: TemplateName,
    folder: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub async fn new() -> Self {
        Self::on(TestCluster::of(TENANTS).await.unwrap()).await
    }

    /// On a cluster of its own, which counts statements.
    pub async fn counting() -> Self {
        let library = (
            "shared_preload_libraries".to_owned(),
            "pg_stat_statements".to_owned(),
        );
        Self::on(TestCluster::start_with(|_, _| vec![library]).await.unwrap()).await
    }

    /// On a cluster of its own, whose log is archived.
    pub async fn archived() -> Self {
        let cluster = TestCluster::start_with(|folder, port| {
            let (config, archive) = (folder.join("archive/pgbackrest.conf"), folder.join("archive"));
            let archive = Archive {
                program: Path::new(PGBACKREST),
                config: &config,
                folder: &archive,
                key: "a key for tests",
                data_dir: &folder.join("data"),
                socket_dir: &folder.join("socket"),
                port,
                role: "tenantry_node",
            };
            for name in Archive::FOLDERS {
                fs::create_dir_all(archive.folder.join(name)).unwrap();
            }
            fs::create_dir_all(folder.join("aside")).unwrap();
            for private in ["archive", "aside"] {
                fs::set_permissions(folder.join(private), fs::Permissions::from_mode(0o700)).unwrap();
            }
            fs::write(&config, archive.configuration()).unwrap();
            fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
            archive.settings()
        });
        let cluster = cluster.await.unwrap();
        let settings = point_in_time(cluster.folder().unwrap());
        let mut place = Self::on(cluster).await;
        place.settings.point_in_time = Some(settings);
        place
    }

    pub async fn on(cluster: TestCluster) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tenantry-node-")
            .tempdir()
            .unwrap();
        let journal = fresh_name("journal");
        let template = fresh_name("tpl");
        let path = folder.path().to_owned();
        let place = Self::at(cluster, path, &journal, &template, Some(folder));
        for folder in ["data/filestore", "hosts", "dumps", "backups", "work"] {
            fs::create_dir_all(place.folder.join(folder)).unwrap();
        }
        place.write_fake_odoo();
        let access = place.cluster.superuser();
        let superuser = SuperuserAccess {
            host: access.host,
            port: access.port,
            role: access.user,
            password: Secret::new(access.password.expose().to_owned()),
        };
        let settings = &place.settings;
        prepare(
            &superuser,
            &settings.cluster,
            &settings.odoo_role,
            &settings.odoo.password,
        )
        .await
        .unwrap();
        place
    }

    /// The place that a parent process made, from its environment.
    pub async fn of_parent() -> Self {
        let cluster = TestCluster::of(TENANTS).await.unwrap();
        let variable = |name: &str| std::env::var(name).unwrap();
        let folder = PathBuf::from(variable("PLACE_FOLDER"));
        let mut place = Self::at(
            cluster,
            folder,
            &variable("PLACE_JOURNAL"),
            &variable("PLACE_TEMPLATE"),
            None,
        );
        let archived = std::env::var_os("PLACE_ARCHIVED");
        place.settings.point_in_time = archived.map(|folder| point_in_time(Path::new(&folder)));
        place
    }

    /// What a child process needs in order to work in this place.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let archived = self.settings.point_in_time.as_ref().and(self.cluster.folder());
        let archived = archived.map(|folder| ("PLACE_ARCHIVED", folder.display().to_string()));
        let mut variables = vec![
            (TENANTS, self.cluster.url().to_string()),
            ("PLACE_FOLDER", self.folder.display().to_string()),
            ("PLACE_JOURNAL", self.settings.cluster.journal.to_string()),
            ("PLACE_TEMPLATE", self.template.to_string()),
        ];
        variables.extend(archived);
        variables
    }

    fn at(
        cluster: TestCluster,
        folder: PathBuf,
        journal: &str,
        template: &str,
        own: Option<tempfile::TempDir>,
    ) -> Self {
        let access = cluster.superuser();
        let settings = NodeSettings {
            cluster: ClusterAccess {
                host: access.host,
                port: access.port,
                role: "tenantry_node".parse().unwrap(),
                password: Secret::new(NODE_PASSWORD.to_owned()),
                journal: journal.parse().unwrap(),
            },
            odoo_role: "odoo".parse().unwrap(),
            edge: None,
            pool: PoolPolicy::NONE,
            odoo_url: "http://127.0.0.1:1".parse().unwrap(),
            odoo_workers: 1,
            filestore_dir: folder.join("data/filestore"),
            hosts_dir: folder.join("hosts"),
            dumps_dir: folder.join("dumps"),
            backups_dir: folder.join("backups"),
            work_dir: folder.join("work"),
            pg_bin_dir: pg_bin_dir(),
            odoo: OdooProgram {
                program: folder.join("odoo"),
                addons_path: String::new(),
                data_dir: folder.join("data"),
                password: Secret::new(ODOO_PASSWORD.to_owned()),
                run_as: None,
            },
            point_in_time: None,
            parallel: 4,
            version: "test".to_owned(),
            faults: Faults::none(),
        };
        Self {
            cluster,
            settings,
            template: template.parse().unwrap(),
            folder,
            _folder: own,
        }
    }

    fn write_fake_odoo(&self) {
        let sql = self.folder.join("odoo19.sql");
        fs::write(&sql, include_str!("odoo19.sql")).unwrap();
        let script = include_str!("fake_odoo.sh")
            .replace("@psql@", &pg_bin_dir().join("psql").display().to_string())
            .replace("@sql@", &sql.display().to_string());
        let program = &self.settings.odoo.program;
        fs::write(program, script).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub async fn start(&self) -> Node {
        self.started(self.settings.clone()).await
    }

    async fn started(&self, settings: NodeSettings) -> Node {
        let node = Node::start(settings).await.unwrap();
        node.carry_by(Arc::new(crate::moving::Shelf::at(&self.settings.work_dir)));
        node
    }

    pub async fn start_with(&self, faults: &str) -> Node {
        let settings = NodeSettings {
            faults: faults.parse().unwrap(),
            ..self.settings.clone()
        };
        self.started(settings).await
    }

    /// Another agent in the place of this one, with this fault or none.
    pub async fn start_in_place_of(&self, node: Node, faults: &str) -> Node {
        drop(node);
        match faults.is_empty() {
            true => self.start().await,
            false => self.start_with(faults).await,
        }
    }

    /// A node that has its template.
    pub async fn ready() -> (Self, Node) {
        Self::new().await.with_template().await
    }

    /// A node that has its template, and does what it was told.
    pub async fn with_template(self) -> (Self, Node) {
        let place = self;
        let node = place.start().await;
        done(&run(&node, Order::BuildTemplate(place.template_order())).await);
        (place, node)
    }

    pub fn template_order(&self) -> BuildTemplate {
        BuildTemplate {
            name: self.template.clone(),
            modules: vec!["web".to_owned(), "website".to_owned()],
            languages: vec!["es_ES".to_owned(), "en_US".to_owned()],
            source: TemplateSource::Nothing,
        }
    }

    /// An order for a tenant of a new name.
    pub fn creation(&self) -> CreateTenant {
        let database = fresh_name("t");
        CreateTenant {
            tenant: TenantId::from_uuid(unique()),
            host_label: database.replace('_', "-").parse().unwrap(),
            base_url: format!("https://{}.example.com", database.replace('_', "-")),
            database: database.parse().unwrap(),
            template: self.template.clone(),
            company_name: "Ñandú & \"Søn\" O'Brien".parse().unwrap(),
            admin_login: "Ana@example.com".to_owned(),
            admin_email: None,
            admin_password: None,
            language: "es_DO".parse().unwrap(),
            country: Some("DO".parse().unwrap()),
            timezone: Some("America/Santo_Domingo".parse().unwrap()),
        }
    }

    pub async fn created(&self, node: &Node) -> CreateTenant {
        let order = self.creation();
        done(&run(node, Order::CreateTenant(order.clone())).await);
        order
    }

    pub async fn superuser(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.cluster.options(database))
            .await
            .unwrap()
    }

    pub async fn as_odoo(&self, database: &str) -> sqlx::Result<PgConnection> {
        let options = self
            .cluster
            .options(database)
            .username("odoo")
            .password(ODOO_PASSWORD);
        PgConnection::connect_with(&options).await
    }

    /// As a backup does it.
    pub async fn as_node(&self, database: &str) -> sqlx::Result<PgConnection> {
        let options = self.cluster.options(database);
        let options = options.username("tenantry_node").password(NODE_PASSWORD);
        PgConnection::connect_with(&options).await
    }

    /// One text from a database, as superuser.
    pub async fn text(&self, database: &str, query: &'static str) -> Option<String> {
        let mut connection = self.superuser(database).await;
        let row = sqlx::query(query).fetch_optional(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.and_then(|row| row.get::<Option<String>, _>(0))
    }

    pub async fn parameter(&self, database: &str, key: &'static str) -> Option<String> {
        let mut connection = self.superuser(database).await;
        let query = sqlx::query("SELECT value FROM ir_config_parameter WHERE key = $1").bind(key);
        let row = query.fetch_optional(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.map(|row| row.get(0))
    }

    /// Who owns the database, if it is there.
    pub async fn owner(&self, database: &str) -> Option<String> {
        let mut connection = self.superuser("postgres").await;
        let query =
            "SELECT rolname::text FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = $1";
        let row = sqlx::query(query)
            .bind(database)
            .fetch_optional(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        row.map(|row| row.get(0))
    }

    pub fn marker(&self, kind: &str, database: &str) -> bool {
        self.settings.hosts_dir.join(kind).join(database).exists()
    }

    pub fn file(&self, database: &str) -> PathBuf {
        self.settings
            .filestore_dir
            .join(database)
            .join("1d/1d1e5c382d544d695a9e2b884cf7d1ce12d94384")
    }

    /// Everything that this test's node has made or changed, as text.
    pub async fn footprint(&self, tenants: &[&CreateTenant]) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut journal = self.superuser(self.settings.cluster.journal.as_str()).await;
        let rows = "SELECT name || ' is ' || standing || coalesce(' of ' || former, '') || ' with ' \
             || (oid IS NOT NULL) FROM managed_database";
        let open = "SELECT 'unfinished ' || kind FROM command WHERE state IN ('running', 'undoing')";
        for query in [rows, open] {
            for row in sqlx::query(query).fetch_all(&mut journal).await.unwrap() {
                seen.insert(row.get(0));
            }
        }
        let names: Vec<String> = tenants
            .iter()
            .flat_map(|order| {
                [
                    order.tenant.uuid().simple().to_string(),
                    order.database.to_string(),
                ]
            })
            .chain([self.template.to_string()])
            .collect();
        let databases = "SELECT 'database ' || datname || ' of ' || rolname || ' ' || datistemplate || datallowconn \
             || has_database_privilege('odoo', pg_database.oid, 'CONNECT') \
             FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba \
             WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) AS part WHERE datname LIKE '%' || part || '%') \
             OR datname IN (SELECT unnest($2::text[]))";
        let ours = sqlx::query("SELECT name FROM managed_database")
            .fetch_all(&mut journal)
            .await
            .unwrap();
        let ours: Vec<String> = ours.iter().map(|row| row.get(0)).collect();
        let query = sqlx::query(databases).bind(names).bind(ours);
        for row in query.fetch_all(&mut journal).await.unwrap() {
            seen.insert(row.get(0));
        }
        journal.close().await.unwrap();
        for folder in ["data/filestore", "hosts", "dumps", "backups"] {
            tree(&self.folder.join(folder), &self.folder, &mut seen);
        }
        if let Some(archived) = &self.settings.point_in_time {
            tree(&archived.aside_dir, &archived.aside_dir, &mut seen);
        }
        seen
    }
}

/// How the archive in a cluster's folder is kept.
fn point_in_time(folder: &Path) -> PointInTime {
    PointInTime {
        program: PGBACKREST.into(),
        config: folder.join("archive/pgbackrest.conf"),
        stanza: Archive::STANZA.to_owned(),
        aside_dir: folder.join("aside"),
        backup_every: Duration::from_secs(24 * 3600),
        full_every: Duration::from_secs(7 * 24 * 3600),
        patience: Duration::ZERO,
    }
}

fn tree(folder: &Path, base: &Path, seen: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Once it is there it stays, whatever becomes of the order that wrote it.
        if path.ends_with(OWNER) {
            continue;
        }
        seen.insert(path.strip_prefix(base).unwrap().display().to_string());
        if path.is_dir() {
            tree(&path, base, seen);
        }
    }
}

fn pg_bin_dir() -> PathBuf {
    cluster_programs().parent().unwrap().to_owned()
}

fn cluster_programs() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .unwrap()
        .map(|entry| entry.unwrap().path().join("bin/psql"))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL's programs are installed")
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests that run side by side need names of their own"
)]
fn unique() -> Uuid {
    Uuid::now_v7()
}

pub fn command_id() -> CommandId {
    CommandId::from_uuid(unique())
}

/// Does an order as a new command of a generation that no order before it had.
pub async fn run(node: &Node, order: Order) -> Outcome {
    run_as(node, command_id(), order).await
}

pub async fn run_as(node: &Node, id: CommandId, order: Order) -> Outcome {
    let (progress, _) = watch::channel(Vec::new());
    node.execute(
        Command {
            id,
            generation: 1,
            order,
        },
        &progress,
    )
    .await
}

pub fn done(outcome: &Outcome) -> Facts {
    match &outcome.result {
        CommandResult::Done(facts) => facts.clone(),
        CommandResult::Failed(failure) => panic!("{failure:?} after {:?}", outcome.steps),
    }
}

pub fn failed(outcome: &Outcome) -> &str {
    match &outcome.result {
        CommandResult::Done(_) => panic!("done, but should have failed"),
        CommandResult::Failed(failure) => &failure.code,
    }
}

pub fn password(text: &str) -> Option<Plaintext> {
    Some(Plaintext::new(text.to_owned()))
}

pub fn standing_of(inventory: &[node::Managed], tenant: TenantId) -> Option<(Identifier, node::Standing)> {
    let of = |managed: &&node::Managed| managed.subject == Subject::Tenant(tenant);
    inventory
        .iter()
        .find(of)
        .map(|found| (found.name.clone(), found.standing))
}
