using Fibril.Dashboard.Api;
using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Components;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.History;
using Fibril.Dashboard.Live;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;

namespace Fibril.Dashboard.Hosting;

/// <summary>Puts the dashboard into a web application: that of a broker, or its own.</summary>
public static class DashboardServices
{
    /// <summary>How long a page that has lost its connection can come back to where it was.</summary>
    private static readonly TimeSpan KeptAfterLoss = TimeSpan.FromMinutes(3);

    private const int MostLost = 50;

    // A page that comes alive sends back what it was rendered with: PrerenderedAnswers.MostBytes, twice in base64 and encrypted, with the parameters of its components.
    private const int LargestMessageBytes = 1 << 20;

    /// <summary>Adds what the pages need. The time comes from whoever hosts it.</summary>
    /// <param name="services">Of the web application.</param>
    /// <param name="brokers">What to show.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, Func<IServiceProvider, BrokerDirectory> brokers)
    {
        services.AddSingleton(brokers);
        services.TryAddSingleton<DashboardOptions>();
        services.AddRazorComponents()
            .AddInteractiveServerComponents(static circuit =>
            {
                circuit.DisconnectedCircuitRetentionPeriod = KeptAfterLoss;
                circuit.DisconnectedCircuitMaxRetained = MostLost;
            })
            .AddHubOptions(static hub => hub.MaximumReceiveMessageSize = LargestMessageBytes)
            .RegisterPersistentService<PrerenderedAnswers>(RenderMode.InteractiveServer);
        services.AddMudServices(static mud =>
        {
            mud.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight;
            mud.SnackbarConfiguration.VisibleStateDuration = 4000;
            mud.SnackbarConfiguration.PreventDuplicates = false;
        });

        services.Configure<KeyManagementOptions>(static keys => (keys.XmlRepository, keys.XmlEncryptor) = (new EphemeralKeys(), new NullXmlEncryptor()));
        services.AddScoped<PrerenderedAnswers>().AddScoped<BrokerScope>().AddScoped<AdminApi>().AddScoped<LiveFeed>().AddScoped<BrokerHistory>();
        services.AddScoped<CircuitHandler, FeedOfCircuit>();
        services.AddScoped<Dialogs>().AddScoped<Browser>();
        return services;
    }

    /// <summary>Makes browsers known to the pages. Behind what lets them in, before the routes.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            context.User = BrowserSessions.Of(context, context.RequestServices.GetRequiredService<BrokerDirectory>()).ToUser();
            return next(context);
        });
        app.UseMiddleware<PageHeaders>();
        app.UseMiddleware<NotFoundAnswers>();
    }

    /// <summary>Adds the pages and what they are made of.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        app.UseAntiforgery();
        DashboardAssets.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
