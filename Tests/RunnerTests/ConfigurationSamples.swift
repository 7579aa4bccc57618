/// Whole files that are right, one for every kind of runner, with keys and certificates of no worth.
enum ConfigurationSamples {
    /// 17 lines.
    static let certificate = """
        description: a runner
        runner_configuration:
          type: kubernetes
          cluster:
            cluster_data:
              certificate_authority_data: \(authority)
              server: https://cluster.test:6443
              proxy_url: http://user:password@proxy.test:3128
            auth:
              client_certificate_data: \(clientCertificate)
              client_key_data: \(clientKey)
          job:
            namespace: runner-jobs
            service_account: runner
        state_storage_configuration:
          type: kubernetes
          namespace: humanitec-runner

        """

    /// 13 lines.
    static let token = """
        runner_configuration:
          type: kubernetes
          cluster:
            cluster_data:
              certificate_authority_data: \(authority)
              server: https://cluster.test:6443
            auth: {service_account_token: abc.def.ghi}
          job:
            namespace: runner-jobs
            service_account: runner
        state_storage_configuration:
          type: kubernetes
          namespace: humanitec-runner

        """

    /// 16 lines.
    static let gke = """
        runner_configuration:
          type: kubernetes-gke
          cluster:
            name: my-cluster
            project_id: my-gcp-project
            location: europe-west3
            internal_ip: false
            auth:
              gcp_audience: //iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/r
              gcp_service_account: runner@my-gcp-project.iam.gserviceaccount.com
          job:
            namespace: humanitec-runner
            service_account: humanitec-runner
        state_storage_configuration:
          type: kubernetes
          namespace: humanitec-runner

        """

    /// 15 lines.
    static let eks = """
        runner_configuration:
          type: kubernetes-eks
          cluster:
            name: my-eks-cluster
            region: us-west-2
            auth:
              role_arn: arn:aws:iam::123456789012:role/EksRunnerRole
              session_name: humanitec-runner-session
              sts_region: us-east-1
          job:
            namespace: default
            service_account: humanitec-runner
        state_storage_configuration:
          type: kubernetes
          namespace: humanitec-runner

        """

    /// 19 lines. As in the documentation of the agent.
    static let agent = """
        runner_configuration:
          type: kubernetes-agent
          key: |
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=
            -----END PUBLIC KEY-----
          job:
            namespace: default
            service_account: humanitec-runner
            pod_template:
              metadata:
                labels:
                  app.kubernetes.io/name: humanitec-runner
              spec:
                containers:
                - {name: main, env: [{name: HTTPS_PROXY, value: "http://proxy.test:3128"}]}
        state_storage_configuration:
          type: kubernetes
          namespace: humanitec

        """

    static let all = [certificate, token, gke, eks, agent]

    static let authority = """
        LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJtVENDQVQrZ0F3SUJBZ0lVU1VLbUlKSDJqNFhuWTVkdlA1WHFUVm1jVGhBd0NnWUlLb1\
        pJemowRUF3SXcKSVRFZk1CMEdBMVVFQXd3V2MzUnZkMkZuWlNCMFpYTjBJR0YxZEdodmNtbDBlVEFnRncweU5qRXhNalF3TURRdwpNVGxhR0E4\
        eU1USTJNVEF6TVRBd05EQXhPVm93SVRFZk1CMEdBMVVFQXd3V2MzUnZkMkZuWlNCMFpYTjBJR0YxCmRHaHZjbWwwZVRCWk1CTUdCeXFHU000OU\
        FnRUdDQ3FHU000OUF3RUhBMElBQkpnMXVvakVEcEV3Y2p6VCtTUDYKU2tWbjBzbHFlUGtsQ3pWNjBhUm0xMmVDUjlyUjc3d1lMWkVudUd4dHYr\
        Z1o3QXJVWXQ1bzNpZzhBWm1BbG9PVApybWVqVXpCUk1CMEdBMVVkRGdRV0JCU3lxY2hFMFdNSmxXWEhzbGViYVFzT1BmUEJwREFmQmdOVkhTTU\
        VHREFXCmdCU3lxY2hFMFdNSmxXWEhzbGViYVFzT1BmUEJwREFQQmdOVkhSTUJBZjhFQlRBREFRSC9NQW9HQ0NxR1NNNDkKQkFNQ0EwZ0FNRVVD\
        SVFDbnJ4SVZJWUpSR2UyZE9kelloQVVubHVpb0doTEZFSjVkSGpZRXcyKy9Rd0lnVTdMOAptOUpKOFpmbTRHZ1RYMGFMc2VMYTJsVmhWMSs2Vl\
        dScGppbU1GcUk9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K
        """
    static let otherAuthority = """
        LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJrRENDQVRXZ0F3SUJBZ0lVYmF3eXp2ZDgwNnBxSnp5R2s0alZ5RWdYVEtNd0NnWUlLb1\
        pJemowRUF3SXcKSERFYU1CZ0dBMVVFQXd3UllXNXZkR2hsY2lCaGRYUm9iM0pwZEhrd0lCY05Nall4TVRJME1EQTBNREU1V2hnUApNakV5TmpF\
        d016RXdNRFF3TVRsYU1Cd3hHakFZQmdOVkJBTU1FV0Z1YjNSb1pYSWdZWFYwYUc5eWFYUjVNRmt3CkV3WUhLb1pJemowQ0FRWUlLb1pJemowRE\
        FRY0RRZ0FFdmM2S1lySTNSVzU2KzZQcFFIc0FyVlFvS09odVZjNTQKenc0clJ2Mk1IRDdSUGpkQ3ViWGFqQTBFcXhSVWdoOVJIVFlDb0hBTk44\
        d01PNlVUSVVSZ0hLTlRNRkV3SFFZRApWUjBPQkJZRUZEZ0N4NFdXYjNVQ3Zoa1BjcG1WaWtJbFFkeHdNQjhHQTFVZEl3UVlNQmFBRkRnQ3g0V1\
        diM1VDCnZoa1BjcG1WaWtJbFFkeHdNQThHQTFVZEV3RUIvd1FGTUFNQkFmOHdDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWgKQVBZMStVeWxmQjdr\
        NGc1akhzK0Vhd1NxWFFHby9RR2xQamo3amZTbTlFY1pBaUVBaVY3T2Y2eEI4V0xpUkY5Vwp5amczVTRmNUJEdnh5MFVhQiszUjFLckZJaEk9Ci\
        0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K
        """
    static let clientCertificate = """
        LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJqVENDQVRPZ0F3SUJBZ0lVRW1JbDZsbVFQWngvNEZmV3N2SU93YnN2cXhFd0NnWUlLb1\
        pJemowRUF3SXcKSVRFZk1CMEdBMVVFQXd3V2MzUnZkMkZuWlNCMFpYTjBJR0YxZEdodmNtbDBlVEFnRncweU5qRXhNalF3TURRdwpNVGxhR0E4\
        eU1USTJNVEF6TVRBd05EQXhPVm93RVRFUE1BMEdBMVVFQXd3R1kyeHBaVzUwTUZrd0V3WUhLb1pJCnpqMENBUVlJS29aSXpqMERBUWNEUWdBRT\
        RiclgrUFJESHg3aCtuQldIaTdpLzIxL3M4Sjg5NHUxdDVLeXlKUFcKVDNBUmRneHhGc0hJTDNTM1ZjUmFVZUNFQTliOUxKVzdYWWZGSDVLM3V0\
        N3grS05YTUZVd0V3WURWUjBsQkF3dwpDZ1lJS3dZQkJRVUhBd0l3SFFZRFZSME9CQllFRkV6bkpXSUU5b011a2ViZEtIRUFBT0tDc1RVNE1COE\
        dBMVVkCkl3UVlNQmFBRkxLcHlFVFJZd21WWmNleVY1dHBDdzQ5ODhHa01Bb0dDQ3FHU000OUJBTUNBMGdBTUVVQ0lRQzYKV1pJTGVRaGZVSjI2\
        cklxamtldy9jY3NWVDRVY3QwT3kwSUY5VldGdWtRSWdhMHhUTEZWcytBdzFvK2N0dnByZApxYzV4Qy9sazFLdlhsSldtOG5FcHNadz0KLS0tLS\
        1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
        """
    static let clientKey = """
        LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lCQVFRZzJsbU9nZX\
        puUFFSdUNjMUcKRVZpSyttQWJPUkRyVFpxdXRWRnRqNWJkZno2aFJBTkNBQVRodXRmNDlFTWZIdUg2Y0ZZZUx1TC9iWCt6d256MwppN1cza3JM\
        SWs5WlBjQkYyREhFV3djZ3ZkTGRWeEZwUjRJUUQxdjBzbGJ0ZGg4VWZrcmU2M3ZINAotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==
        """
    static let otherKey = """
        LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lCQVFRZ2lFc3pNZn\
        pPWWhmclBveVAKQ3djaW9QdmU5L1ZmU3ZRSCtINjRkMFY1ajVPaFJBTkNBQVF0dGhuNDltOU5SbTB0d3NBNU9oZUVNb0dxY1RFdAp2aWNtV2tx\
        ekcramVRclhBVDFVZi8wUTRBQlF3UW5Ed29UdmMwcUMvMHpuQ2FiK2Vta1h5TWZCUQotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==
        """
}
