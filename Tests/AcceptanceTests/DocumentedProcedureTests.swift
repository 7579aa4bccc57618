internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// The procedure of the documentation page, typed as it stands there, with the kubectls of this machine.
@Suite(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
struct DocumentedProcedureTests {
    private static let environment = "4b41bf32-b337-93a4-ad65-1d565c5e25be"

    @Test(arguments: Kubectl.oldestAndNewest)
    func worksAsItStandsThere(_ kubectl: Kubectl) async throws {
        try await EmptyCluster.with { cluster in
            let shell = try cluster.shell(with: kubectl)
            let script = try text(of: Self.script)
            let procedure = try await shell("-c", script)
            #expect(procedure.status == 0, "\(procedure)")
            #expect(
                procedure.output == """
                    namespace/humanitec-runner created
                    role.rbac.authorization.k8s.io/humanitec-runner-kubernetes-stage-storage created
                    rolebinding.rbac.authorization.k8s.io/humanitec-runner-kubernetes-stage-storage created

                    """, "\(procedure)")

            // A second time, as the page's readers do when they are not sure: nothing changes, nothing fails.
            let again = try await shell("-c", "kubectl apply -f kubernetes-state-storage-role-rolebinding.yaml")
            #expect(again.output.split(separator: "\n").allSatisfy { $0.hasSuffix(" unchanged") }, "\(again)")

            let empty = try await shell("-c", "kubectl get secrets -n humanitec-runner")
            #expect(empty.status == 0)
            #expect(empty.errors == "No resources found in humanitec-runner namespace.\n", "\(empty)")

            try await shell.expectSuccess("kubectl -n humanitec-runner create serviceaccount humanitec-runner")
            try await Self.keepState(cluster, shell)
            let secrets = try await shell("-c", "kubectl get secrets -n humanitec-runner")
            #expect(secrets.output.contains(/NAME +TYPE +DATA +AGE\n/), "\(secrets)")
            #expect(
                secrets.output.contains(/tfstate-default-4b41bf32-b337-93a4-ad65-1d565c5e25be +Opaque +1 +[0-9]+s\n/),
                "\(secrets)")
        }
    }

    /// What the runner does with the rights that the procedure gave its ServiceAccount.
    private static func keepState(_ cluster: EmptyCluster, _ shell: Program) async throws {
        let token = try await shell("-c", "kubectl -n humanitec-runner create token humanitec-runner")
        #expect(token.status == 0, "\(token)")
        let account = "--token=\(token.output.trimmed) --kubeconfig=\(cluster.certificateOnly)"
        let mayI = try await shell("-c", "kubectl \(account) -n humanitec-runner auth can-i --list")
        #expect(mayI.output.contains(/secrets +\[\] +\[\] +\[create get list update\]/), "\(mayI)")
        let created = try await shell(
            "-c",
            """
            kubectl \(account) -n humanitec-runner create secret generic tfstate-default-\(environment) \
              --from-literal=tfstate=x
            """)
        #expect(created.status == 0, "\(created)")
        let deleted = try await shell(
            "-c", "kubectl \(account) -n humanitec-runner delete secret tfstate-default-\(environment)")
        #expect(deleted.status == 1)
        #expect(deleted.errors.contains("cannot delete resource \"secrets\""), "\(deleted)")
    }

    private static let script = "\(Clients.folder)/documented-procedure.sh"
}

extension String {
    fileprivate var trimmed: Substring { self.drop { $0.isWhitespace }.prefix { !$0.isWhitespace } }
}

extension Program {
    fileprivate func expectSuccess(_ command: String) async throws {
        let result = try await self("-c", command)
        #expect(result.status == 0, "\(command): \(result)")
    }
}
