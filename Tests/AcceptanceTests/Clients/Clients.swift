internal import LocalFiles
internal import TestScopes
internal import Testing

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Other people's clients.
enum Clients {
    /// Where the scripts that use them lie.
    static let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
    /// The checkout.
    static let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    /// Where `make setup` puts the Python client.
    static let pythonPackages = "\(repository)/.build/python"
}

/// One kubectl of this machine.
struct Kubectl: Sendable, CustomTestStringConvertible {
    let path: String
    var testDescription: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Distributions install several beside the one on PATH, named `kubectl.1.27`.
    static let all: [Kubectl] = {
        guard let onPath = Program.onPath("kubectl", home: "/")?.path else { return [] }
        let real = (try? FileManager.default.destinationOfSymbolicLink(atPath: onPath)) ?? onPath
        let folder = onPath.split(separator: "/").dropLast().joined(separator: "/")
        let beside =
            "/"
            + (real.hasPrefix("/") ? real : "\(folder)/\(real)").split(separator: "/").dropLast()
            .joined(separator: "/")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: beside)) ?? []
        let found = versions.compactMap { name -> (Int, Kubectl)? in
            guard let match = name.wholeMatch(of: /kubectl\.1\.([0-9]+)/), let minor = Int(match.1) else { return nil }
            return (minor, Kubectl(path: "\(beside)/\(name)"))
        }
        return found.isEmpty ? [Kubectl(path: onPath)] : found.sorted { $0.0 < $1.0 }.map(\.1)
    }()

    static let oldestAndNewest = all.count > 1 ? [all.first, all.last].compactMap(\.self) : all
}

/// A cluster of the built program with nothing in it.
struct EmptyCluster: Sendable {
    let home: String
    let stowage: Program
    var folder: String { "\(home)/cluster" }
    /// The administrator's kubeconfig.
    var kubeconfig: String { "\(folder)/kubeconfig" }
    /// A kubeconfig that names the server and no user.
    var certificateOnly: String { "\(home)/nobody" }

    static func with(_ body: (EmptyCluster) async throws -> Void) async throws {
        try await withTemporaryFolder { home in
            let cluster = EmptyCluster(home: home, stowage: try Program.stowage(home: home))
            let started = try await cluster.stowage("cluster", "start", "--dir", cluster.folder, "--detach")
            guard started.status == 0 else { throw ProgramFailure(result: started) }
            do {
                let lines = try text(of: cluster.kubeconfig).split(separator: "\n", omittingEmptySubsequences: false)
                let nobody = lines.filter { !$0.contains("token:") }.joined(separator: "\n")
                try PrivateFile.write(
                    nobody.replacing("    user:\n", with: "    user: {}\n"), to: cluster.certificateOnly)
                try await body(cluster)
            } catch {
                _ = try? await cluster.stowage("cluster", "stop", "--dir", cluster.folder)
                throw error
            }
            _ = try await cluster.stowage("cluster", "stop", "--dir", cluster.folder)
        }
    }

    /// A shell in which `kubectl` is that one and talks to this cluster as its administrator.
    func shell(with kubectl: Kubectl) throws -> Program {
        try PrivateFile.createFolder("\(home)/bin")
        try FileManager.default.createSymbolicLink(atPath: "\(home)/bin/kubectl", withDestinationPath: kubectl.path)
        var environment = stowage.environment
        environment["PATH"] = "\(home)/bin:\(environment["PATH"] ?? "")"
        environment["KUBECONFIG"] = kubeconfig
        return Program("/bin/sh", environment: environment, folder: home)
    }
}
