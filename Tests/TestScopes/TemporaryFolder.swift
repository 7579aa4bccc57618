internal import LocalFiles

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A folder of its own for a test, removed when the body ends, however it ends.
public func withTemporaryFolder<T>(
    isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> T
) async throws -> T {
    // Resolved, so that tests can compare paths.
    let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    let path =
        "\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/stowage-test-\(UInt64.random(in: 0 ... .max))"
    try PrivateFile.createFolder(path)
    do {
        let result = try await body(path)
        try FolderTree.remove(path)
        return result
    } catch {
        try? FolderTree.remove(path)
        throw error
    }
}

/// Writes files below a folder, making folders as needed.
public func write(_ files: [String: String], below folder: String) throws {
    for (name, content) in files {
        let path = "\(folder)/\(name)"
        try PrivateFile.createFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try PrivateFile.write(content, to: path)
    }
}

/// The content of a file as text.
public func text(of path: String) throws -> String { String(decoding: try PrivateFile.read(path), as: UTF8.self) }

public func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
