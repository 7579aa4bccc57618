import Testing

@testable import KubernetesAPI

@Suite struct InClusterTests {
    static let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    @Test func readsTheServiceAccount() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("t0ken\n", to: "token")
            try folder.write("apps\n", to: "namespace")
            try folder.write(TestCertificates.authority, to: "ca.crt")
            let connection = try ClusterConnection.inCluster(environment: Self.environment, folder: folder.path)
            #expect(connection.server == "https://10.96.0.1:443")
            #expect(connection.defaultNamespace == "apps")
            #expect(connection.description == "in-cluster")
            #expect(try await CredentialCache(connection.credentials).credential() == .bearer("t0ken"))
            let environment = Self.environment.merging(["KUBERNETES_SERVICE_HOST": "fd00::1"]) { $1 }
            let second = try ClusterConnection.inCluster(environment: environment, folder: folder.path)
            #expect(second.server == "https://[fd00::1]:443")
        }
    }

    @Test func needsTokenAndAuthority() async throws {
        try await withTemporaryFolder { folder in
            func error() -> KubeconfigError? {
                failure { _ = try ClusterConnection.inCluster(environment: Self.environment, folder: folder.path) }
            }
            #expect(error()?.file == "\(folder.path)/ca.crt")
            try folder.write("no certificate", to: "ca.crt")
            #expect(error()?.code == .invalid)
            try folder.write(TestCertificates.authority, to: "ca.crt")
            #expect(error()?.code == .fileMissing)
            #expect(error()?.file == "\(folder.path)/token")
        }
    }

    @Test func saysWhenThereIsNoCluster() {
        let error = failure { _ = try ClusterConnection.inCluster(environment: ["KUBERNETES_SERVICE_HOST": "h"]) }
        #expect(error?.code == .notInCluster)
    }
}
