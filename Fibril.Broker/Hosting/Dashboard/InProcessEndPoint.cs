using System.Net;

namespace Fibril.Broker.Hosting.Dashboard;

/// <summary>Where the pages of this process find its admin API: no address, so nobody else can come in there.</summary>
internal sealed class InProcessEndPoint : EndPoint
{
    /// <summary>How the web server tells it among its addresses.</summary>
    public const string Name = "in-process";

    public override string ToString() => Name;
}
