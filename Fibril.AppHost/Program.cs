using Fibril.Topology;

var builder = DistributedApplication.CreateBuilder(args);

// A path of this machine must not end up in what is published for another one.
string dataRoot = builder.ExecutionContext.IsPublishMode ? "/data" : Path.Combine(builder.AppHostDirectory, "server_data");

foreach (BrokerNode node in LocalTopology.SingleBroker(dataRoot).Brokers)
{
    // Not proxied: clients must reach the port that the broker listens on, and it is the one they try by default.
    var broker = builder.AddProject<Projects.Fibril_Broker>(node.Name, static options => options.ExcludeLaunchProfile = true)
        .WithEndpoint(port: node.BrokerPort, scheme: "tcp", name: "broker", isProxied: false)
        // Named by a variable of its own, so that it stays out of ASPNETCORE_URLS: the broker binds by its own settings.
        .WithHttpEndpoint(port: node.AdminPort, name: "admin", env: "FIBRIL_APPHOST_ADMIN_PORT", isProxied: false)
        .WithHttpHealthCheck(BrokerNode.ReadyPath, endpointName: "admin")
        .WithUrlForEndpoint("admin", static url => url.DisplayText = "Dashboard");

    foreach ((string variable, string value) in node.Environment) broker.WithEnvironment(variable, value);
}

builder.Build().Run();
