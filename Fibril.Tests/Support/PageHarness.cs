using Bunit;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.History;
using Fibril.Dashboard.Hosting;
using Fibril.Dashboard.Live;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace Fibril.Tests.Support;

/// <summary>Pages of the dashboard without a browser, over the real admin API of a real broker in this process.</summary>
internal sealed class PageHarness : IAsyncDisposable
{
    private PageHarness(AdminHarness broker)
    {
        Broker = broker;
        Context.JSInterop.Mode = JSRuntimeMode.Loose;
        Context.Services.AddSingleton(TimeProvider.System);
        Context.Services.AddSingleton(new BrokerDirectory([new BrokerEntry("this broker", broker.NewClient(Answers), BrokerEntry.BrokersOwnCookie)]));
        Context.Services.AddSingleton<AuthenticationStateProvider>(new Nobody());
        Context.Services.AddSingleton(new DashboardOptions());
        Context.Services.AddMudServices();
        Context.Services.AddScoped<PrerenderedAnswers>().AddScoped<BrokerScope>().AddScoped<AdminApi>().AddScoped<LiveFeed>().AddScoped<BrokerHistory>();
        Context.Services.AddScoped<Dialogs>().AddScoped<Browser>();
    }

    public BunitContext Context { get; } = new();

    public AdminHarness Broker { get; }

    /// <summary>What pages ask the broker goes through here.</summary>
    public HeldAnswers Answers { get; } = new();

    public NavigationManager Navigation => Context.Services.GetRequiredService<NavigationManager>();

    public static async Task<PageHarness> StartAsync() => new(await AdminHarness.StartAsync());

    /// <summary>Pages over a broker that has been through something already.</summary>
    /// <param name="broker">Owned from here on.</param>
    public static PageHarness Over(AdminHarness broker) => new(broker);

    /// <summary>Shows a page at an address, and waits until it has something to show.</summary>
    public IRenderedComponent<PageFrame> Open<TPage>(string address) where TPage : IComponent
    {
        Navigation.NavigateTo(address);
        return Context.Render<PageFrame>(parameters => parameters.AddChildContent<TPage>());
    }

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private sealed class Nobody : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(BrowserSessions.None.ToUser()));
    }
}

/// <summary>What is around every page: dialogs, and messages of how something went.</summary>
internal sealed class PageFrame : ComponentBase
{
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
    {
        builder.OpenComponent<MudPopoverProvider>(0);
        builder.CloseComponent();
        builder.OpenComponent<MudDialogProvider>(1);
        builder.CloseComponent();
        builder.OpenComponent<MudSnackbarProvider>(2);
        builder.CloseComponent();
        builder.AddContent(3, ChildContent);
    }
}
