namespace Fibril.Dashboard.Brokers;

/// <summary>A broker that this dashboard shows.</summary>
/// <param name="Name">Unique among them; part of the path of every page when there are several, and of its cookie.</param>
/// <param name="Http">Sends to its admin API. Thread-safe; keeps no cookies and follows no redirects.</param>
/// <param name="CookieName">The cookie of a browser that holds the session of its admin API.</param>
public sealed record BrokerEntry(string Name, HttpClient Http, string CookieName)
{
    /// <summary>Where its pages are, with a slash at both ends; <c>/</c> for the only one of a dashboard that is mounted in it.</summary>
    public string BasePath { get; init; } = "/";

    /// <summary>The cookie that the broker itself reads.</summary>
    public const string BrokersOwnCookie = "fibril_admin_session";
}
