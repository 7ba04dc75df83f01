//! What a restore replaces, what it keeps, and how that comes back.

use super::{HEROKUS, NEW, Project};

#[test]
fn the_old_database_is_kept_and_comes_back() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    let dry = project.scene.run_words("development", &["--dry-run", "restore", file]);
    assert_eq!(dry.status, Some(0), "{dry}");
    assert!(dry.stdout.contains("pg_restore --no-owner --no-acl"), "{dry}");
    project.assert_untouched();
    let done = project.restore(&[file]);
    assert_eq!(done.status, Some(0), "{done}");
    assert!(done.stderr.contains("hint: development restore --undo"), "{done}");
    assert_eq!(project.note(), "new");
    let [kept] = &project.beside("before")[..] else { panic!("{:?}", project.beside("before")) };
    assert_eq!(project.server.psql(kept, "select text from notes").unwrap(), "old");
    assert!(done.stderr.contains(kept), "{done}");
    for (note, kept) in [("old", "new"), ("new", "old")] {
        let undone = project.restore(&["--undo"]);
        assert_eq!((undone.status, project.note().as_str()), (Some(0), note), "{undone}");
        let [beside] = &project.beside("before")[..] else { panic!("{:?}", project.beside("before")) };
        assert_eq!(project.server.psql(beside, "select text from notes").unwrap(), kept);
    }
    // A second restore keeps what the first one kept.
    assert!(project.restore(&[file]).stderr.contains("also kept of earlier restores: 1 database"));
    assert_eq!(project.beside("before").len(), 2);
}

#[test]
fn a_database_that_is_not_there_is_made() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(NEW);
    project.server.psql("postgres", &format!("drop database {}", project.database)).unwrap();
    let done = project.restore(&[dump.to_str().unwrap()]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "new"), "{done}");
    assert_eq!(project.beside("before"), [""; 0]);
    let undone = project.restore(&["--undo"]);
    assert_eq!(undone.status, Some(1), "{undone}");
}

#[test]
fn what_belongs_to_the_name_goes_with_it() {
    let Some(project) = Project::new() else { return };
    let name = &project.database;
    project
        .server
        .psql(
            "postgres",
            &format!(
                "
        do $$ begin create role {name}_owner; create role {name}_reader; end $$;
        alter database {name} owner to {name}_owner;
        alter database {name} set search_path to \"$user\", \"Odd, one\", public;
        alter database {name} set \"app.secret\" to 'it''s';
        alter role {name}_reader in database {name} set timezone to 'Europe/Vienna';
        alter database {name} connection limit 42;
        comment on database {name} is 'mine';
        revoke all on database {name} from public;
        grant connect on database {name} to {name}_reader with grant option;"
            ),
        )
        .unwrap();
    let about = |database: &str| {
        project.server.psql("postgres", &format!("
            select d.datconnlimit, pg_get_userbyid(d.datdba), d.datacl, shobj_description(d.oid, 'pg_database'),
              (select string_agg(coalesce(r.rolname, '-') || ':' || s.setconfig::text, ' ' order by r.rolname)
               from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole where s.setdatabase = d.oid)
            from pg_database d where datname = '{database}'")).unwrap()
    };
    let before = about(name);
    let done = project.restore(&[project.dump(NEW).to_str().unwrap()]);
    assert_eq!(done.status, Some(0), "{done}");
    assert_eq!(about(name), before);
    assert!(before.contains("it's") && before.contains("mine") && before.contains("42"), "{before}");
    assert_eq!(project.server.psql(name, "show search_path").unwrap(), "\"$user\", \"Odd, one\", public");
    let tables = "select string_agg(distinct tableowner, ',') from pg_tables where schemaname = 'public'";
    assert_eq!(project.server.psql(name, tables).unwrap(), format!("{name}_owner"));
    assert_eq!(project.restore(&["--undo"]).status, Some(0));
    assert_eq!(about(name), before);
    project.server.psql("postgres", &format!("drop database {name}")).unwrap();
}

#[test]
fn herokus_own_is_left_out_for_a_superuser_and_for_others() {
    let Some(mut project) = Project::new() else { return };
    let dump = project.dump(HEROKUS);
    let file = dump.to_str().unwrap();
    let role = format!("{}_dev", project.database);
    project.server.psql("postgres", &format!("create role {role} login createdb")).unwrap();
    for user in ["postgres", &role] {
        project
            .server
            .psql("postgres", &format!("alter database {} owner to {user}", project.database))
            .unwrap();
        let url = format!("postgres://{user}@127.0.0.1:{}/{}", project.server.port(), project.database);
        project.scene.set("DATABASE_URL", url);
        let done = project.restore(&[file]);
        assert_eq!(done.status, Some(0), "{user}: {done}");
        let ask = |query: &str| project.server.psql(&project.database, query).unwrap();
        assert_eq!(project.note(), "new");
        assert_eq!(ask("select count(*) from pg_namespace where nspname = '_heroku'"), "0");
        assert_eq!(ask("select count(*) from pg_event_trigger"), "0");
        assert_eq!(ask("select value from ar_internal_metadata where key = 'environment'"), "development");
        assert_eq!(
            ask("select string_agg(extname, ',' order by extname) from pg_extension"),
            if user == "postgres" { "citext,pg_stat_statements,plpgsql" } else { "citext,plpgsql" }
        );
        // Statistics are not in a dump.
        assert_eq!(ask("select reltuples from pg_class where relname = 'notes'"), "1");
        let left = ask(
            "select string_agg(tableowner, ',') from (select distinct tableowner from pg_tables where schemaname = 'public') t",
        );
        assert_eq!(left, user);
    }
    project.server.psql("postgres", &format!("reassign owned by {role} to postgres")).unwrap();
}

#[test]
fn rows_can_be_left_out() {
    let Some(project) = Project::new() else { return };
    let script = format!("{NEW} create schema audit; create table audit.versions (x int); insert into audit.versions values (1);
        create table logs_2026 (x int); insert into logs_2026 values (1);");
    let dump = project.dump(&script);
    project.scene.write("greenroom.toml", "[restore]\nexclude_table_data = [\"audit.*\"]\n");
    let done = project.restore(&[
        dump.to_str().unwrap(),
        "--exclude-table-data",
        "LOGS_*",
        "--exclude-table-data",
        "nothing",
        "--json",
    ]);
    assert_eq!(done.status, Some(0), "{done}");
    assert!(done.stderr.contains("no table of the dump matches nothing"), "{done}");
    assert!(
        done.stdout.contains("\"audit.versions\"") && done.stdout.contains("\"public.logs_2026\""),
        "{done}"
    );
    let count = "select (select count(*) from audit.versions) + (select count(*) from logs_2026)";
    assert_eq!(project.server.psql(&project.database, count).unwrap(), "0");
    assert_eq!(project.note(), "new");
}

#[test]
fn clients_that_connect_again_and_again_do_not_keep_it_from_ending() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(NEW);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let done = std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    // It is disconnected now and then.
                    _ = project.server.psql(&project.database, "select pg_sleep(0.05)");
                }
            });
        }
        let done = project.restore(&[dump.to_str().unwrap()]);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        done
    });
    assert_eq!((done.status, project.note().as_str()), (Some(0), "new"), "{done}");
}

#[test]
fn leftovers_go_and_what_is_somebody_elses_stays() {
    let Some(project) = Project::new() else { return };
    let name = &project.database;
    let [marked, empty, others, odd] = ["20200101000000", "20200101000001", "20200101000002", "x"]
        .map(|end| format!("{name}_restore_{end}"));
    for database in [&marked, &empty, &others, &odd] {
        project.server.psql("postgres", &format!("create database {database}")).unwrap();
    }
    project
        .server
        .psql("postgres", &format!("comment on database {marked} is 'greenroom: being restored for {name}'"))
        .unwrap();
    project.server.psql(&marked, OLD_TABLE).unwrap();
    project.server.psql(&others, OLD_TABLE).unwrap();
    let done = project.restore(&[project.dump(NEW).to_str().unwrap()]);
    assert_eq!(done.status, Some(0), "{done}");
    assert_eq!(project.beside("restore"), [others, odd]);
}

/// Something that somebody could miss.
const OLD_TABLE: &str = "create table treasure (x int)";
