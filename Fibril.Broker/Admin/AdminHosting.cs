using Fibril.Broker.Admin.Attention;
using Fibril.Broker.Admin.Events;
using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Admin.Health;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Login;
using Fibril.Broker.Admin.Metrics;
using Fibril.Broker.Admin.Routes;
using Fibril.Broker.Security.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fibril.Broker.Admin;

/// <summary>Puts the admin surface into a web application.</summary>
internal static class AdminHosting
{
    /// <summary>Adds what the routes need. The registries, the audit trail and the time come from whoever hosts it.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, AdminOptions options)
    {
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.Limits.MaxRequestBodySize = RequestBody.MostBytes);
        services.AddSingleton(options).AddSingleton(options.Auth);
        services.AddSingleton<AdminLogins>().AddSingleton<AdminSessions>().AddSingleton<LoginThrottle>().AddSingleton<CrossSiteGuard>();
        services.AddModule<LoginRoutes>();
        services.AddSingleton<Explainer>().AddSingleton<StallDetector>().AddSingleton<AttentionRules>().AddSingleton<AttentionWatch>();
        services.AddSingleton(static provider => new TlsStatus(provider.GetRequiredService<TlsOptions>(), provider.GetService<Certificates>()));
        services.AddSingleton<Drain>().AddSingleton<NodeIdentity>().AddSingleton<TestPublisher>();
        services.AddSingleton<EventFamilies>().AddSingleton<SideScans>();
        return services
            .AddModule<QueueRoutes>().AddModule<StreamRoutes>().AddModule<MessageRoutes>().AddModule<SearchRoutes>().AddModule<DeadLetterRoutes>().AddModule<DeadLetterListRoutes>().AddModule<ConnectionRoutes>()
            .AddModule<ClusterRoutes>().AddModule<QueueListRoutes>().AddModule<OverviewRoutes>().AddModule<UserRoutes>().AddModule<ExplainRoutes>()
            .AddModule<SettingsRoutes>().AddModule<EventRoutes>().AddModule<QuarantineRoutes>().AddModule<PublishRoutes>();
    }

    private static IServiceCollection AddModule<TModule>(this IServiceCollection services) where TModule : class, IApiModule =>
        services.AddSingleton<TModule>().AddSingleton<IApiModule>(static provider => provider.GetRequiredService<TModule>());

    /// <summary>Adds the pipeline and every route.</summary>
    /// <param name="app">The application.</param>
    /// <param name="usePages">Adds what pages need of the pipeline, behind the login; null where there are no pages.</param>
    public static void UseAdmin(this WebApplication app, Action<WebApplication>? usePages = null)
    {
        app.UseMiddleware<ErrorAnswers>();
        app.UseMiddleware<AdminAuthentication>();
        usePages?.Invoke(app);
        app.UseRouting();
        app.MapHealth();
        app.MapStatus();
        app.MapMetrics(app.Services.GetRequiredService<AdminOptions>());
        app.Services.GetRequiredService<LoginRoutes>().MapPages(app);
        var routes = new ApiRoutes(app);
        foreach (IApiModule module in app.Services.GetServices<IApiModule>()) module.Map(routes);
        routes.Get(
            "/admin/api", "Every route, and what it is for.",
            _ => new ApiIndex([.. routes.All.Select(static route => new ApiIndexEntry(route.Method, route.Path, Caller.RoleOf(route.Access), route.Summary))]));
        routes.Get("/admin/api/openapi.json", "Every route, for machines (OpenAPI 3.1).", _ => OpenApiDocument.Build(routes.All, NodeIdentity.Version));
    }
}

/// <summary>The answer of <c>GET /admin/api</c>.</summary>
internal sealed record ApiIndex(IReadOnlyList<ApiIndexEntry> Routes);

/// <summary>One route.</summary>
internal sealed record ApiIndexEntry(string Method, string Path, string Role, string Summary);
