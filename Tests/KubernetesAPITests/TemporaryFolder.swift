import LocalFiles
import TestScopes

/// A folder of its own for one test, gone afterwards.
struct TemporaryFolder: Sendable {
    let path: String

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        if let slash = file.lastIndex(of: "/") { try PrivateFile.createFolder(String(file[..<slash])) }
        try PrivateFile.write(text, to: file)
        return file
    }

    func read(_ name: String) throws -> String {
        String(decoding: try PrivateFile.read("\(path)/\(name)"), as: UTF8.self)
    }
}

func withTemporaryFolder<T>(_ body: (TemporaryFolder) async throws -> T) async throws -> T {
    try await TestScopes.withTemporaryFolder { try await body(TemporaryFolder(path: $0)) }
}
