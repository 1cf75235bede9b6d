using System.Net;
using Fibril.Broker.Hosting;

var options = new BrokerOptions();
for (int i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--data-dir": options.DataDirectory = args[i + 1]; break;
        case "--broker-bind": options.Sessions.Bind = IPEndPoint.Parse(args[i + 1]); break;
        case "--admin-bind": options.Admin.Bind = IPEndPoint.Parse(args[i + 1]); break;
    }
}

return await BrokerHost.RunAsync(options);
