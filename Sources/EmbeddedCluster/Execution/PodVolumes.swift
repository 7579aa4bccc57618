internal import CLibrary
internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

/// The volumes of a Pod, as folders of this machine. Processes are not isolated, so that nothing is mounted: a volume is
/// where it is, and the variable `STOWAGE_VOLUME_NAME` says where.
struct PodVolumes: Sendable {
    let pod: JSON
    let folder: PodFolder
    let sources: PodSources
    /// The token of the Pod's ServiceAccount.
    let token: String?

    private var volumes: [JSON] { pod["spec"]?.elements("volumes") ?? [] }

    /// The first kind of volume that cannot be had here.
    var unsupported: (name: String, kind: String)? {
        let known = ["name", "emptyDir", "secret", "configMap", "downwardAPI", "projected", "hostPath"]
        for volume in volumes {
            if let kind = volume.object?.keys.first(where: { !known.contains($0) }) {
                return (volume["name"]?.string ?? "", kind)
            }
        }
        return nil
    }

    static func variable(_ volume: String) -> String {
        "STOWAGE_VOLUME_" + volume.uppercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }

    /// Where each volume is.
    var paths: [String: String] {
        Dictionary(
            volumes.compactMap { volume in
                volume["name"]?.string.map { ($0, volume["hostPath"]?["path"]?.string ?? folder.volume($0)) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// A path as the container knows it, as it is on this machine: below a volume's mount path, or itself.
    func path(_ path: String, in container: JSON) -> String {
        let mounts = container.elements("volumeMounts").compactMap { mount -> (at: String, real: String)? in
            guard let at = mount["mountPath"]?.string, let name = mount["name"]?.string, let real = paths[name] else {
                return nil
            }
            let below = mount["subPath"]?.string.map { "/\($0)" } ?? ""
            return (at.count > 1 && at.hasSuffix("/") ? String(at.dropLast()) : at, real + below)
        }
        let best = mounts.filter { path == $0.at || path.hasPrefix("\($0.at)/") }.max { $0.at.count < $1.at.count }
        guard let best else { return path }
        return best.real + path.dropFirst(best.at.count)
    }

    /// Makes the folders, and writes the files that they hold.
    ///
    /// - Throws: `ConfigurationFailure` naming the volume.
    func prepare() async throws {
        for volume in volumes {
            guard let name = volume["name"]?.string, volume["hostPath"] == nil else { continue }
            do {
                let files = try await files(of: volume)
                let path = folder.volume(name)
                try await offloading { try Self.write(files, to: path) }
            } catch let failure as ConfigurationFailure {
                throw ConfigurationFailure(
                    message: "MountVolume.SetUp failed for volume \"\(name)\" : \(failure.message)")
            }
        }
        // A mount may be of a folder in a volume, which is made as it is asked for.
        for container in (pod["spec"]?.elements("containers") ?? []) + (pod["spec"]?.elements("initContainers") ?? []) {
            for mount in container.elements("volumeMounts") {
                guard let below = mount["subPath"]?.string, let path = paths[mount["name"]?.string ?? ""],
                    access("\(path)/\(below)", F_OK) != 0
                else { continue }
                try PrivateFile.createFolder("\(path)/\(below)")
            }
        }
    }

    private struct File: Sendable {
        let path: String
        let content: [UInt8]
        let mode: Int
    }

    private func files(of volume: JSON) async throws -> [File] {
        if let source = volume["secret"] { return try await files(.secret, source, nameField: "secretName", nil) }
        if let source = volume["configMap"] { return try await files(.configMap, source, nil) }
        if let source = volume["downwardAPI"] { return try await fields(source, nil) }
        guard let projected = volume["projected"] else { return [] }
        let mode = projected["defaultMode"]?.int
        var files: [File] = []
        for source in projected.elements("sources") {
            if let source = source["secret"] { files += try await self.files(.secret, source, mode) }
            if let source = source["configMap"] { files += try await self.files(.configMap, source, mode) }
            if let source = source["downwardAPI"] { files += try await fields(source, mode) }
            if let source = source["serviceAccountToken"] {
                guard let token else { throw ConfigurationFailure(message: "the pod has no ServiceAccount token") }
                files.append(
                    File(path: source["path"]?.string ?? "token", content: Array(token.utf8), mode: 0o600))
            }
        }
        return files
    }

    private func files(
        _ kind: PodSources.Kind, _ source: JSON, nameField: String = "name", _ projectedMode: Int?
    ) async throws -> [File] {
        guard let values = try await sources.values(kind, source, nameField: nameField) else { return [] }
        let mode = source["defaultMode"]?.int ?? projectedMode ?? 0o644
        let items = source.elements("items")
        if items.isEmpty { return values.map { File(path: $0.key, content: $0.value, mode: mode) } }
        return try items.compactMap { item in
            let key = item["key"]?.string ?? ""
            guard let value = values[key] else {
                if source["optional"]?.bool == true { return nil }
                throw ConfigurationFailure(message: "references non-existent \(kind.word) key: \(key)")
            }
            return File(path: item["path"]?.string ?? key, content: value, mode: item["mode"]?.int ?? mode)
        }
    }

    private func fields(_ source: JSON, _ projectedMode: Int?) async throws -> [File] {
        try source.elements("items").map { item in
            let path = item["fieldRef"]?["fieldPath"]?.string ?? ""
            guard let value = FieldPath.value(path, of: pod) else {
                throw ConfigurationFailure(message: "unsupported fieldPath: \(path)")
            }
            return File(
                path: item["path"]?.string ?? "", content: Array(value.utf8),
                mode: item["mode"]?.int ?? source["defaultMode"]?.int ?? projectedMode ?? 0o644)
        }
    }

    private static func write(_ files: [File], to folder: String) throws {
        try PrivateFile.createFolder(folder)
        for file in files {
            // Paths were checked when the Pod was made, keys when the Secret was.
            let path = "\(folder)/\(file.path)"
            try PrivateFile.createFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            try PrivateFile.write(file.content, to: path)
            chmod(path, mode_t(file.mode))
        }
    }
}
