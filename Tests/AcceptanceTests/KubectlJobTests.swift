import LocalFiles
import TestScopes
import Testing

/// Jobs and Pods as users type them, with the kubectl of this machine.
@Suite(
    .enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"), .timeLimit(.minutes(20)))
struct KubectlJobTests {
    private static func withKubectl(
        _ body: @escaping @Sendable (_ cluster: RunnerCluster, _ kubectl: Program) async throws -> Void
    ) async throws {
        try await RunnerCluster.with { cluster in
            guard var kubectl = Program.onPath("kubectl", home: cluster.home) else {
                Issue.record("there is no kubectl on PATH")
                return
            }
            kubectl.environment["KUBECONFIG"] = cluster.adminKubeconfig
            try await body(cluster, kubectl)
        }
    }

    @Test func aJobIsMadeFollowedWaitedForAndDeleted() async throws {
        try await Self.withKubectl { _, kubectl in
            let created = try await kubectl(
                "create", "job", "hello", "--image=ignored", "--", "sh", "-c", "echo one; sleep 0.2; echo two")
            try #require(created.status == 0, "\(created)")
            #expect(created.output == "job.batch/hello created\n")
            let log = try await kubectl("logs", "-f", "job/hello")
            #expect(log.output == "one\ntwo\n", "\(log)")
            let waited = try await kubectl("wait", "--for=condition=complete", "job/hello", "--timeout=60s")
            #expect(waited.output == "job.batch/hello condition met\n", "\(waited)")
            let jobs = try await kubectl("get", "jobs")
            #expect(jobs.output.contains("NAME"), "\(jobs)")
            #expect(jobs.output.contains("Complete"), "\(jobs)")
            let pods = try await kubectl("get", "pods", "-l", "job-name=hello")
            #expect(pods.output.contains("Completed"), "\(pods)")
            let described = try await kubectl("describe", "job", "hello")
            #expect(described.output.contains("SuccessfulCreate"), "\(described)")
            let deleted = try await kubectl("delete", "job", "hello")
            #expect(deleted.status == 0, "\(deleted)")
            let gone = try await kubectl("wait", "--for=delete", "pod", "-l", "job-name=hello", "--timeout=60s")
            #expect(gone.status == 0, "\(gone)")
        }
    }

    @Test func aJobThatFailsSaysSo() async throws {
        try await Self.withKubectl { cluster, kubectl in
            try write(
                [
                    "job.yaml": """
                    apiVersion: batch/v1
                    kind: Job
                    metadata:
                      name: failing
                    spec:
                      backoffLimit: 0
                      ttlSecondsAfterFinished: 0
                      template:
                        spec:
                          restartPolicy: Never
                          containers:
                          - name: main
                            image: ignored
                            command: [sh, -c, "echo no >&2; exit 4"]
                    """
                ], below: cluster.home)
            let created = try await kubectl("create", "-f", "\(cluster.home)/job.yaml")
            try #require(created.status == 0, "\(created)")
            // It is gone as soon as it has failed.
            let gone = try await kubectl("wait", "--for=delete", "job/failing", "--timeout=60s")
            #expect(gone.status == 0, "\(gone)")
            let events = try await kubectl("get", "events")
            #expect(events.output.contains("BackoffLimitExceeded"), "\(events)")
        }
    }

    @Test func aPodGetsASecretAndTimeToEnd() async throws {
        try await Self.withKubectl { cluster, kubectl in
            _ = try await kubectl("create", "secret", "generic", "word", "--from-literal=word=swordfish")
            try write(
                [
                    "pod.yaml": """
                    apiVersion: v1
                    kind: Pod
                    metadata:
                      name: patient
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: main
                        image: ignored
                        command:
                        - sh
                        - -c
                        - |
                          trap 'echo bye > "$HOME/../../../bye"; exit 0' TERM
                          echo $WORD
                          while :; do sleep 0.05; done
                        env:
                        - name: WORD
                          valueFrom:
                            secretKeyRef: {name: word, key: word}
                    """
                ], below: cluster.home)
            let created = try await kubectl("create", "-f", "\(cluster.home)/pod.yaml")
            try #require(created.status == 0, "\(created)")
            let ready = try await kubectl("wait", "--for=condition=ready", "pod/patient", "--timeout=60s")
            #expect(ready.status == 0, "\(ready)")
            var log = ""
            while log.isEmpty { log = try await kubectl("logs", "patient").output }
            #expect(log == "swordfish\n")
            let deleted = try await kubectl("delete", "pod", "patient")
            #expect(deleted.status == 0, "\(deleted)")
            #expect(try text(of: "\(cluster.folder)/bye") == "bye\n")
        }
    }

    /// What a Pod runs ends with its server, asked first.
    @Test func aClusterThatStopsEndsItsPods() async throws {
        try await Self.withKubectl { cluster, kubectl in
            let created = try await kubectl(
                "create", "job", "long", "--image=ignored", "--", "sh", "-c",
                "trap 'echo bye > \"$HOME/../../../bye\"; exit 0' TERM; echo $$$$; while :; do sleep 0.05; done")
            try #require(created.status == 0, "\(created)")
            var log = ""
            while log.isEmpty { log = try await kubectl("logs", "job/long").output }
            let stopped = try await cluster.stowage("cluster", "stop", "--dir", cluster.folder)
            #expect(stopped.status == 0, "\(stopped)")
            #expect(try text(of: "\(cluster.folder)/bye") == "bye\n")
            #expect(!exists("/proc/\(log.dropLast())"))
            try await cluster.start()
            let pods = try await kubectl("get", "pods", "-o", "jsonpath={.items[0].status.reason}")
            #expect(pods.output == "Terminated", "\(pods)")
        }
    }
}
