package browser

import (
	"context"
	"errors"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// BenchmarkPictures is what one picture of a page costs, by its format, and what it costs to mask and unmask it.
func BenchmarkPictures(b *testing.B) {
	s, err := shared.NewSession(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(context.Background()) })
	tab, err := s.NewTab(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := tab.Navigate(b.Context(), "data:text/html,<h1>Enter password</h1><input type=password value=x><p>"+"Because you are accessing sensitive information, you need to verify your password."); err != nil {
		b.Fatal(err)
	}
	for name, params := range map[string]page.CaptureScreenshotParams{
		"png":        {Format: page.CaptureScreenshotFormatPng, OptimizeForSpeed: new(true)}, // as Screenshot takes it
		"png/small":  {Format: page.CaptureScreenshotFormatPng},
		"jpeg":       {Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(80)), OptimizeForSpeed: new(true)},
		"jpeg/small": {Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(80))},
	} {
		b.Run(name, func(b *testing.B) {
			var n int
			for b.Loop() {
				got, err := call(b.Context(), tab.page.route, nil, page.CaptureScreenshot, params)
				if err != nil {
					b.Fatal(err)
				}
				n = len(got.Data)
			}
			b.ReportMetric(float64(n), "bytes")
		})
	}
	b.Run("mask", func(b *testing.B) {
		for b.Loop() {
			for _, d := range tab.Documents() {
				if err := errors.Join(d.Eval(b.Context(), mask+"([])", nil), d.Eval(b.Context(), unmask, nil)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
