/// Why a cluster does not run.
public struct EmbeddedClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for programs.
    public struct Code: Sendable, Hashable {
        private enum Kind {
            case alreadyRunning, portInUse, storeCorrupt, storeNewer, storeForeign, folderUnusable, certificates
        }
        private let kind: Kind

        /// Another process serves from the folder.
        public static let alreadyRunning = Code(kind: .alreadyRunning)
        /// The port that was asked for is taken.
        public static let portInUse = Code(kind: .portInUse)
        /// The store is damaged.
        public static let storeCorrupt = Code(kind: .storeCorrupt)
        /// The store was written by a newer program.
        public static let storeNewer = Code(kind: .storeNewer)
        /// The file is a database, but not a store of ours.
        public static let storeForeign = Code(kind: .storeForeign)
        /// The folder or a file in it cannot be read or written.
        public static let folderUnusable = Code(kind: .folderUnusable)
        /// A key or certificate in the folder cannot be used.
        public static let certificates = Code(kind: .certificates)
    }

    /// What kind of failure it is.
    public let code: Code
    /// The file or folder that the failure is about.
    public let path: String
    /// The process that serves already, as far as it is known.
    public let pid: Int32?
    /// The port that is taken.
    public let port: Int?
    public let description: String

    private init(_ code: Code, path: String, pid: Int32? = nil, port: Int? = nil, _ description: String) {
        self.code = code
        self.path = path
        self.pid = pid
        self.port = port
        self.description = description
    }
}

extension EmbeddedClusterError {
    static func alreadyRunning(_ folder: ClusterFolder, pid: Int32?) -> Self {
        let process = pid.map { "process \($0)" } ?? "another process"
        return Self(
            .alreadyRunning, path: folder.path, pid: pid,
            "\(process) serves the cluster in \(folder.path) already; use that one or stop it first")
    }

    static func portInUse(_ port: Int, _ folder: ClusterFolder) -> Self {
        Self(
            .portInUse, path: folder.path, port: port,
            "port \(port) on 127.0.0.1 is taken; choose another one, or none to get any that is free")
    }

    static func storeCorrupt(_ path: String, _ detail: String) -> Self {
        Self(
            .storeCorrupt, path: path,
            "the store \(path) is damaged (\(detail)); put a copy of it back, or move it away to start "
                + "with an empty cluster"
        )
    }

    static func storeLogMissing(_ folder: ClusterFolder) -> Self {
        Self(
            .storeCorrupt, path: folder.storeLogPath,
            "\(folder.storeLogPath) is missing: the last server was killed, and the file holds what it wrote last; "
                + "put it back, or remove \(folder.instancePath) to go on with the older content of \(folder.storePath)"
        )
    }

    static func diskFull(_ path: String) -> Self {
        Self(
            .folderUnusable, path: path,
            "the disk that \(path) lies on is full; make room and start the cluster again")
    }

    static func storeNewer(_ path: String, version: Int, known: Int) -> Self {
        Self(
            .storeNewer, path: path,
            "the store \(path) has version \(version), this program knows up to \(known); run the newer program "
                + "that wrote it"
        )
    }

    static func storeForeign(_ path: String) -> Self {
        Self(.storeForeign, path: path, "\(path) is not a store of a cluster; choose another folder")
    }

    static func folderUnusable(_ path: String, _ reason: any Error) -> Self {
        Self(.folderUnusable, path: path, "the cluster's folder cannot be used: \(reason)")
    }

    static func certificates(_ path: String, _ reason: any Error) -> Self {
        Self(
            .certificates, path: path,
            "the keys and certificates of the cluster cannot be used (\(path): \(reason)); "
                + "remove ca.key and ca.crt beside it to have new ones made, and hand the new kubeconfig to those who have "
                + "the old one"
        )
    }
}
