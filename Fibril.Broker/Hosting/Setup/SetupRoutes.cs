using Fibril.Broker.Admin;
using Fibril.Broker.Admin.Login;
using Fibril.Dashboard.Hosting;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>The two routes of the setup (admin-api 18.2), and what its page is made of. Thread-safe.</summary>
internal sealed class SetupRoutes(SetupService service, CrossSiteGuard guard, IHostApplicationLifetime lifetime, ILogger<SetupRoutes> logger) : IDisposable
{
    /// <summary>Largest body: a chain of certificates with its key is much smaller.</summary>
    public const long MostBytes = 512 << 10;

    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    // Only this page knows it, so only this page can be sent.
    private readonly string _token = AdminSessions.NewToken();
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>True from the moment at which everything is on the disk.</summary>
    public bool IsDone { get; private set; }

    public void Map(WebApplication app)
    {
        app.Use(async (context, next) =>
        {
            guard.Check(context.Request);
            CrossSiteGuard.CheckChange(context.Request, Caller.Anybody);
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await next(context);
        });
        DashboardAssets.Map(app);
        app.MapGet("/", () => SetupPage.Render(_token));
        app.MapPost("/setup", (Delegate)ApplyAsync); // as a RequestDelegate its result would be dropped
    }

    public void Dispose() => _one.Dispose();

    private async Task<IResult> ApplyAsync(HttpContext context)
    {
        IFormCollection form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        await _one.WaitAsync(context.RequestAborted);
        try
        {
            if (IsDone) throw new SetupRefusedException("The setup was completed a moment ago, and the broker is starting.");
            if (!CrossSiteGuard.IsSame(form[SetupForm.Token].ToString(), _token)) throw new SetupRefusedException("This page was loaded before the broker was started. It is a new one now; please choose again.");
            SetupChoices choices = SetupForm.Read(form);
            SetupSummary summary = await Task.Run(() => service.Apply(choices));
            IsDone = true;
            context.Response.Headers.Connection = "close";
            context.Response.OnCompleted(() =>
            {
                lifetime.StopApplication();
                return Task.CompletedTask;
            });
            return SetupPage.RenderDone(summary);
        }
        catch (SetupRefusedException refused)
        {
            logger.SetupRefused(refused.Message);
            return SetupPage.Render(_token, refused.Message, form);
        }
        finally
        {
            _one.Release();
        }
    }
}
