/// The tables of a store.
///
/// `revision` is a log: a row for each write, in the order of the writes. `live` points at the latest row of each
/// object that exists, and `label` finds them by label, so that a list touches the bodies of what it returns and of
/// nothing else. A row's body comes last: SQLite reads a row's columns from the front and follows its overflow pages
/// only as far as asked. `owner` finds the objects that name an owner, and `ending` lists those whose deletion has begun.
enum StoreSchema {
    /// Marks the file as a store of ours: `stwg`.
    static let applicationID = 0x7374_7767
    /// Counted up with every change that an older program must not touch.
    static var version: Int { versions.count }

    /// What leads to each version from the one before. What was released is never changed again.
    static let versions = [first, second, third]

    private static let first = """
        CREATE TABLE revision (
            revision INTEGER PRIMARY KEY AUTOINCREMENT,
            resource TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            event INTEGER NOT NULL,
            previous INTEGER,
            written INTEGER NOT NULL,
            labels BLOB,
            metadata BLOB NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX revision_of_object ON revision (resource, namespace, name, revision);

        CREATE TABLE live (
            resource TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            revision INTEGER NOT NULL,
            PRIMARY KEY (resource, namespace, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX live_in_namespace ON live (namespace);

        CREATE TABLE label (
            resource TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (resource, key, value, namespace, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX label_of_object ON label (resource, namespace, name, key);

        CREATE TABLE token (
            hash BLOB PRIMARY KEY,
            holder TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            uid TEXT NOT NULL,
            identifier TEXT NOT NULL,
            expires INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE setting (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let second = """
        ALTER TABLE token ADD COLUMN audiences TEXT NOT NULL DEFAULT '["https://kubernetes.default.svc"]';
        ALTER TABLE token ADD COLUMN bound_resource TEXT NOT NULL DEFAULT '';
        ALTER TABLE token ADD COLUMN bound_name TEXT NOT NULL DEFAULT '';
        ALTER TABLE token ADD COLUMN bound_uid TEXT NOT NULL DEFAULT '';
        """

    private static let third = """
        CREATE TABLE owner (
            uid TEXT NOT NULL,
            resource TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (uid, resource, namespace, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX owner_of_object ON owner (resource, namespace, name);

        CREATE TABLE ending (
            resource TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (resource, namespace, name)
        ) STRICT, WITHOUT ROWID;
        """
}
