internal import EmbeddedCluster
internal import LocalFiles
internal import OrderedJSON

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The server that runs from a folder, as it wrote itself down when it was ready.
struct ClusterInstance: Equatable {
    let processIdentifier: Int32
    let server: String
    let startedAt: String

    /// nil where none is written down.
    init?(folder: ClusterFolder) {
        guard let bytes = try? PrivateFile.read(folder.instancePath), let json = try? JSON(parsing: bytes),
            let processIdentifier = json["pid"]?.int.flatMap({ Int32(exactly: $0) }),
            let server = json["server"]?.string
        else { return nil }
        self.processIdentifier = processIdentifier
        self.server = server
        startedAt = json["startedAt"]?.string ?? ""
    }

    var isAlive: Bool { kill(processIdentifier, 0) == 0 || errno == EPERM }

    func terminate() { kill(processIdentifier, SIGTERM) }
}
