package browser

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// BenchmarkPictures is what one masked picture of a page costs, by its format.
func BenchmarkPictures(b *testing.B) {
	s, err := shared.NewSession(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	tab, err := s.NewTab(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := tab.Navigate(b.Context(), "data:text/html,<h1>Enter password</h1><input type=password value=x><p>"+loremText); err != nil {
		b.Fatal(err)
	}
	for name, params := range map[string]page.CaptureScreenshotParams{
		"png": {Format: page.CaptureScreenshotFormatPng, OptimizeForSpeed: new(true)},

		"jpeg80": {Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(80)), OptimizeForSpeed: new(true)},

		"jpegclip": {Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(60)), FromSurface: new(true), Clip: &page.Viewport{Width: 1280, Height: 800, Scale: 0.5}},
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
				_ = d.Eval(b.Context(), mask+"([])", nil)
				_ = d.Eval(b.Context(), unmask, nil)
			}
		}
	})
}

const loremText = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore"
