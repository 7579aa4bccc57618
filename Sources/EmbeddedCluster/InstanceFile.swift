internal import CLibrary
internal import LocalFiles
internal import OrderedJSON

/// What the server that runs says about itself, for those who look for it.
enum InstanceFile {
    static func write(_ folder: ClusterFolder, server: String, startedAt: Timestamp) throws {
        let json: JSON = [
            "pid": .number(JSONNumber(Int(getpid()))), "server": .string(server), "startedAt": .string(startedAt.text),
        ]
        try PrivateFile.write(json.prettyText, to: folder.instancePath)
    }

    static func remove(_ folder: ClusterFolder) { unlink(folder.instancePath) }

    /// The process that wrote the file; nil where there is none.
    static func pid(_ folder: ClusterFolder) -> Int32? {
        guard let bytes = try? PrivateFile.read(folder.instancePath), let json = try? JSON(parsing: bytes) else {
            return nil
        }
        return json["pid"]?.int.flatMap { Int32(exactly: $0) }
    }
}
