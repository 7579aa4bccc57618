@testable internal import EmbeddedCluster
internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The commands by which people give rights and look them up, typed into the real kubectl.
@Suite(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
struct KubectlAccessTests {
    /// The kubectls to try: the one on PATH, and older ones where they lie beside it.
    static let versions: [String] = {
        guard var path = Program.onPath("kubectl", home: "/")?.path else { return [] }
        for _ in 0..<10 {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            path = target.hasPrefix("/") ? target : "\(folder(of: path))/\(target)"
        }
        let older = ["1.28", "1.30"].map { "\(folder(of: path))/kubectl.\($0)" }
            .filter { FileManager.default.isExecutableFile(atPath: $0) }
        return [path] + older
    }()

    private static func folder(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    @Test(arguments: versions)
    func givesAndLooksUpRights(path: String) async throws {
        try await withTestCluster { cluster in
            try await withTemporaryFolder { home in
                let kubectl = try Self.kubectl(path, cluster, home)
                for command in Self.commands {
                    let result = try await kubectl.run(command.line.split(separator: " ").map(String.init))
                    #expect(result.status == command.status, "\(command.line): \(result)")
                    if let output = command.output {
                        #expect(result.output == output + "\n", "\(command.line): \(result)")
                    }
                }
                let list = try await kubectl("auth", "can-i", "--list", "--as=jane", "-n", "default")
                #expect(list.status == 0, "\(list)")
                #expect(list.output.contains("configmaps"), "\(list)")
                #expect(list.output.contains("selfsubjectrulesreviews.authorization.k8s.io"), "\(list)")
                #expect(list.output.contains("[/api/*]"), "\(list)")
                let who = try await kubectl(
                    "auth", "whoami", "--as=jane", "--as-group=dev", "-o", "jsonpath={.status.userInfo.groups}")
                #expect(who.output == #"["dev","system:authenticated"]"#, "\(who)")
            }
        }
    }

    private struct Command: Sendable {
        let line: String
        var status: Int32 = 0
        var output: String?
    }

    private static let commands = [
        Command(
            line: "create clusterrole reader --verb=get,list --resource=configmaps",
            output: "clusterrole.rbac.authorization.k8s.io/reader created"),
        Command(
            line: "create clusterrole prober --verb=get --non-resource-url=/metrics",
            output: "clusterrole.rbac.authorization.k8s.io/prober created"),
        Command(
            line: "create role writer --verb=create,update --resource=secrets -n default",
            output: "role.rbac.authorization.k8s.io/writer created"),
        Command(
            line: "create rolebinding jane-writes --role=writer --user=jane -n default",
            output: "rolebinding.rbac.authorization.k8s.io/jane-writes created"),
        Command(
            line: "create clusterrolebinding jane-reads --clusterrole=reader --user=jane",
            output: "clusterrolebinding.rbac.authorization.k8s.io/jane-reads created"),
        Command(
            line: "create configmap settings --from-literal=a=b -n default", output: "configmap/settings created"),
        Command(line: "auth can-i list configmaps --as=jane -n kube-system", output: "yes"),
        Command(line: "auth can-i update secrets --as=jane -n default", output: "yes"),
        Command(line: "auth can-i update secrets --as=jane -n kube-system", status: 1, output: "no"),
        Command(line: "auth can-i get /version --as=jane", output: "yes"),
        Command(line: "auth can-i get /metrics --as=jane", status: 1, output: "no"),
        Command(
            line: "get configmaps -n default --as=jane -o name",
            output: "configmap/kube-root-ca.crt\nconfigmap/settings"),
        Command(line: "get secrets -n default --as=jane", status: 1),
        Command(line: "create token default -n default --bound-object-kind=Secret --bound-object-name=nope", status: 1),
    ]

    private static func kubectl(_ path: String, _ cluster: TestCluster, _ home: String) throws -> Program {
        let file = "\(home)/kubeconfig"
        try PrivateFile.write(
            kubeconfig(
                server: cluster.server, certificateAuthority: cluster.certificateAuthority, user: "admin",
                token: cluster.administratorToken, namespace: nil), to: file)
        let found = try #require(Program.onPath("kubectl", home: home))
        return Program(path, environment: found.environment.merging(["KUBECONFIG": file]) { $1 })
    }
}
